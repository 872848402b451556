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

interface Entry extends VerifiedToken {
  /** Whether somebody has asked for it since it was last passed over. */
  isUsed: boolean;
}

/** How many are passed over to make room for one: more would make somebody wait. */
const secondChances = 16;

/**
 * Verified tokens, by their only spelling. Those not used lately go first: who makes room passes over those that were
 * used. To move each to the end when it is used would take as long as all the rest of a hit.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
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
    if (entry.keys.version() !== entry.version) {
      this.clear();
      return undefined;
    }
    const age = nowSeconds - entry.atSeconds;
    if (age < 0 || age >= this.#ttlSeconds) {
      this.#entries.delete(token);
      return undefined;
    }
    entry.isUsed = true;
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
    this.#entries.set(token, { ...entry, isUsed: false });
    if (this.#entries.size > this.#maxEntries) this.#makeRoom();
  }

  #makeRoom(): void {
    let chances = Math.min(secondChances, this.#maxEntries - 1);
    for (const [oldest, entry] of this.#entries) {
      this.#entries.delete(oldest);
      if (!entry.isUsed || chances-- <= 0) return;
      entry.isUsed = false;
      this.#entries.set(oldest, entry);
    }
  }

  clear(): void {
    this.#generation++;
    this.#entries.clear();
  }
}
