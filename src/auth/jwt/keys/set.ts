import type { KeyQuestion } from "../key-source.ts";
import { spellings } from "./algorithm.ts";

/** Keys that are tried for one token: of one algorithm and `kid`, or of one algorithm where the token has no `kid`. */
const maxCandidates = 4;

const none: readonly CryptoKey[] = [];

/** A key and the one algorithm that it is for. */
export interface PinnedKey {
  readonly kid: string | undefined;
  readonly algorithm: string;
  readonly key: CryptoKey;
}

/** Imported keys, found by what tokens say of them. Never changes. */
export class KeySet {
  readonly #byKid = new Map<string, CryptoKey[]>();
  readonly #byAlgorithm = new Map<string, CryptoKey[]>();

  constructor(keys: readonly PinnedKey[]) {
    for (const { kid, algorithm, key } of keys) {
      for (const name of spellings(algorithm)) {
        add(this.#byAlgorithm, name, key);
        if (kid !== undefined) add(this.#byKid, `${name} ${kid}`, key);
      }
    }
  }

  /**
   * The keys that may have signed: at most four, the first of the set. A key without a `kid` is none of those of a token
   * that has one.
   */
  match({ alg, kid }: KeyQuestion): readonly CryptoKey[] {
    return (kid === undefined ? this.#byAlgorithm.get(alg) : this.#byKid.get(`${alg} ${kid}`)) ?? none;
  }
}

function add(keys: Map<string, CryptoKey[]>, name: string, key: CryptoKey): void {
  const held = keys.get(name);
  if (held === undefined) keys.set(name, [key]);
  else if (held.length < maxCandidates) held.push(key);
}
