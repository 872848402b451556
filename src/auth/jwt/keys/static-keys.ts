import type { MaybePromise } from "../../../lib/maybe-promise.ts";
import type { KeyQuestion, KeySource } from "../key-source.ts";

/** Finds keys in a set that never changes. */
export interface Finder {
  readonly match: (question: KeyQuestion) => readonly CryptoKey[];
}

/** Keys that were given: imported when they are first needed, then held for good. There is nothing to purge. */
export class StaticKeys implements KeySource {
  readonly #load: () => Promise<Finder>;
  #keys: Finder | undefined;

  /** @param load - May run more than once where the first requests come together: on Workers none may wait for another. */
  constructor(load: () => Promise<Finder>) {
    this.#load = load;
  }

  readonly find = (question: KeyQuestion): MaybePromise<readonly CryptoKey[]> =>
    this.#keys === undefined ? this.#loaded().then((keys) => keys.match(question)) : this.#keys.match(question);

  readonly findNewer = (): undefined => undefined;
  readonly version = (): number => 0;
  readonly purge = (): void => undefined;

  readonly warmup = async (): Promise<void> => {
    await this.#loaded();
  };

  async #loaded(): Promise<Finder> {
    const keys = await this.#load();
    this.#keys ??= keys;
    return this.#keys;
  }
}

/** One key without a name: it is tried for every token of its algorithm, whatever its `kid`. */
export function loneKey(names: readonly string[], key: CryptoKey): Finder {
  const keys = [key];
  return { match: ({ alg }) => (names.includes(alg) ? keys : []) };
}
