import type { JwtIdentity } from "./identity.ts";
import type { KeySource } from "./key-source.ts";
import type { TokenCacheOptions } from "./options.ts";
import type { TokenTimes } from "./times.ts";

/** A token that was verified. */
export interface VerifiedToken {
  /** Nobody else has it: requests get others of the same. */
  readonly identity: JwtIdentity<unknown>;
  readonly times: TokenTimes;
  readonly keys: KeySource;
  /** Of the keys under which it was verified. */
  readonly version: number;
  readonly atSeconds: number;
}

/** Verified tokens, by their only spelling. Those used least recently go first. */
export class TokenCache {
  readonly #entries = new Map<string, VerifiedToken>();
  #generation = 0;
  readonly #maxEntries: number;
  readonly #ttlSeconds: number;

  constructor({ maxEntries, ttlSeconds }: TokenCacheOptions) {
    this.#maxEntries = maxEntries;
    this.#ttlSeconds = ttlSeconds;
  }

  /** What was verified under the keys of now, not too long ago. A clock that was put back makes it too long. */
  get(token: string, nowSeconds: number): VerifiedToken | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    this.#entries.delete(token);
    if (entry.keys.version() !== entry.version) {
      this.clear();
      return undefined;
    }
    const age = nowSeconds - entry.atSeconds;
    if (age < 0 || age >= this.#ttlSeconds) return undefined;
    this.#entries.set(token, entry);
    return entry;
  }

  /** How often all were forgotten. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Keeps a token, unless its issuer's keys have changed since.
   *
   * @param generation - That in which its verification began: what was forgotten meanwhile stays so.
   */
  add(token: string, entry: VerifiedToken, generation: number): void {
    if (entry.keys.version() !== entry.version || generation !== this.#generation) return;
    this.#entries.delete(token);
    this.#entries.set(token, entry);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  clear(): void {
    this.#generation++;
    this.#entries.clear();
  }
}
