import type { MaybePromise } from "../../../lib/maybe-promise.ts";
import type { RequestContext } from "../../../types.ts";
import { type KeyQuestion, type KeySource, KeysUnavailableError, type VerifyingKey } from "../key-source.ts";
import { Attempts } from "./attempts.ts";
import { downloadLimitMs } from "./download.ts";
import { Flights } from "./flights.ts";
import { type ImportedSet, importSet } from "./import.ts";
import { type Freshness, Lifetime } from "./lifetime.ts";
import { cacheLimitMs, type DatedKeys } from "./shared-cache.ts";

/** Where sets come from. */
export interface Provider {
  /** For messages. */
  readonly name: string;
  readonly fetch: () => Promise<DatedKeys>;
  /** What other instances keep that is not older than this; `undefined` where they keep nothing usable. */
  readonly readShared: (notBeforeMs: number) => Promise<DatedKeys | undefined>;
  readonly writeShared: (keys: DatedKeys) => Promise<void>;
}

/** Takes work that nobody waits for: the platform lives until it has settled, and its rejection becomes an event. */
type Behind = Pick<RequestContext, "waitUntil">;
/** Without a request, whoever asked waits. */
const nobody: Behind = { waitUntil: (work) => void work.catch(() => undefined) };

/** A flight lasts at most that long, with something for reading and importing. */
const flightLimitMs = cacheLimitMs + downloadLimitMs + 500;
const none: readonly CryptoKey[] = [];

/**
 * The keys of a provider. Fresh ones are used; stale ones too, while newer ones are fetched behind the answer; without
 * either, the request waits. A token that the keys do not explain is a reason to fetch newer ones every half a minute.
 */
export class RemoteKeys implements KeySource {
  readonly #provider: Provider;
  readonly #algorithms: readonly string[] | undefined;
  readonly #staleMs: number;
  readonly #flights = new Flights(flightLimitMs);
  #attempts = new Attempts();
  #held: (ImportedSet & { readonly lifetime: Lifetime }) | undefined;
  #failure: unknown;
  #version = 0;
  #purgedMs = 0;

  constructor(provider: Provider, algorithms: readonly string[] | undefined, staleMs: number) {
    this.#provider = provider;
    this.#algorithms = algorithms;
    this.#staleMs = staleMs;
  }

  readonly find = (question: KeyQuestion, behind: Behind): MaybePromise<readonly CryptoKey[]> => {
    const freshness = this.#freshness();
    if (freshness === "cold") return this.#findCold(question, behind);
    const keys = this.#match(question);
    if (keys.length === 0) return this.#findRenewed(question, behind);
    if (freshness === "stale") this.#renewBehind(behind);
    return keys;
  };

  readonly findNewer = (
    question: KeyQuestion,
    behind: Behind,
    given: readonly VerifyingKey[],
  ): MaybePromise<readonly CryptoKey[] | undefined> => {
    const other = (): readonly CryptoKey[] | undefined => {
      const keys = this.#match(question);
      return keys.some((key) => !given.includes(key)) ? keys : undefined;
    };
    const renewal = other() === undefined ? this.#renewal(behind) : undefined;
    return renewal === undefined ? other() : renewal.then(other);
  };

  readonly version = (): number => this.#version;

  readonly warmup = async (): Promise<void> => {
    await this.#ensureUsable(nobody);
    if (this.#freshness() === "fresh") return;
    await this.#fetchOrJoin(nobody);
    if (this.#freshness() !== "fresh") throw this.#unavailable(this.#attempts.pauseLeftMs);
  };

  readonly purge = (): void => {
    this.#held = undefined;
    this.#failure = undefined;
    this.#attempts = new Attempts();
    this.#flights.forget();
    this.#purgedMs = Date.now();
    this.#version++;
  };

  #freshness(): Freshness {
    return this.#held?.lifetime.freshness ?? "cold";
  }

  #match(question: KeyQuestion): readonly CryptoKey[] {
    return this.#held?.set.match(question) ?? none;
  }

  async #findCold(question: KeyQuestion, behind: Behind): Promise<readonly CryptoKey[]> {
    await this.#ensureUsable(behind);
    const keys = this.#match(question);
    return keys.length > 0 ? keys : this.#findRenewed(question, behind);
  }

  /** The keys of a token that the held set does not know. */
  #findRenewed(question: KeyQuestion, behind: Behind): MaybePromise<readonly CryptoKey[]> {
    const renewal = this.#renewal(behind);
    const find = (): readonly CryptoKey[] => {
      const keys = this.#match(question);
      // Nobody could say whether the key exists by now: that is no fault of the token. A fresh set is the provider's word.
      const isUnknowable = this.#freshness() !== "fresh" && (this.#held === undefined || this.#attempts.hasFailed);
      if (keys.length === 0 && isUnknowable) throw this.#unavailable(this.#attempts.cooldownLeftMs);
      return keys;
    };
    return renewal === undefined ? find() : renewal.then(find);
  }

  /** A newer set for a token that the held one does not explain: on its way, or due. `undefined` where neither is. */
  #renewal(behind: Behind): Promise<void> | undefined {
    return this.#flights.isAny || this.#attempts.cooldownLeftMs === 0 ? this.#fetchOrJoin(behind) : undefined;
  }

  #renewBehind(behind: Behind): void {
    if (this.#flights.isAny || this.#attempts.pauseLeftMs > 0) return;
    const renew = async (): Promise<void> => {
      await this.#fetchOrJoin(behind);
      if (!this.#attempts.hasFailed) return;
      throw Object.assign(this.#unavailable(this.#attempts.pauseLeftMs), { code: "keys_stale" }); // for the event
    };
    behind.waitUntil(renew());
  }

  async #ensureUsable(behind: Behind): Promise<void> {
    while (this.#freshness() === "cold") {
      if (!this.#flights.isAny && this.#attempts.pauseLeftMs > 0) throw this.#unavailable(this.#attempts.pauseLeftMs);
      await this.#fetchOrJoin(behind);
    }
  }

  /** Waits for the set that is on its way, or fetches one. Never rejects: what came of it is in the state. */
  #fetchOrJoin(behind: Behind): Promise<void> {
    if (this.#flights.isAny) return this.#flights.join();
    const landed = this.#flights.begin((land) => this.#fly(land, behind));
    behind.waitUntil(landed); // others wait for it: it goes on where the client of this request leaves
    return landed;
  }

  async #fly(land: (apply: () => void) => void, behind: Behind): Promise<void> {
    try {
      const shared = this.#freshness() === "cold" ? await this.#readShared(behind) : undefined;
      if (shared !== undefined) return land(() => this.#hold(shared));
      this.#attempts.begin();
      const fetched = await this.#read(await this.#provider.fetch());
      land(() => {
        this.#attempts.succeed();
        this.#hold(fetched);
        behind.waitUntil(this.#provider.writeShared(fetched.dated));
      });
    } catch (error) {
      land(() => {
        this.#attempts.fail();
        this.#failure = error;
      });
    }
  }

  /** A cache that fails, or holds rubbish, is told of and is otherwise as good as empty. */
  async #readShared(behind: Behind): Promise<ReadKeys | undefined> {
    try {
      const dated = await this.#provider.readShared(this.#purgedMs);
      return dated && (await this.#read(dated));
    } catch (error) {
      behind.waitUntil(Promise.reject(error));
      return undefined;
    }
  }

  async #read(dated: DatedKeys): Promise<ReadKeys> {
    return { dated, imported: await importSet(dated.jwks, this.#algorithms, this.#held) };
  }

  #hold({ dated, imported }: ReadKeys): void {
    if (imported.set !== this.#held?.set) this.#version++;
    this.#held = { ...imported, lifetime: new Lifetime(dated.sinceMs, dated.freshMs, this.#staleMs) };
  }

  #unavailable(leftMs: number): KeysUnavailableError {
    const seconds = Math.max(1, Math.ceil(leftMs / 1000));
    const options = { cause: this.#failure };
    return new KeysUnavailableError(`the key set ${this.#provider.name} cannot be fetched`, seconds, options);
  }
}

/** A set that can be held. */
interface ReadKeys {
  readonly dated: DatedKeys;
  readonly imported: ImportedSet;
}
