import type { Digest } from "../../lib/digest.ts";
import type { MaybePromise } from "../../lib/maybe-promise.ts";
import type { RequestContext } from "../../types.ts";

/** What a token's header says of the key that signed it, checked in form. */
export interface KeyQuestion {
  readonly alg: string;
  readonly kid: string | undefined;
}

/** What may have signed a token: a public key, or a secret, as the code that it gives to what was signed. */
export type VerifyingKey = CryptoKey | Digest;

/** Where the keys of one issuer come from. */
export interface KeySource {
  /**
   * The keys that may have signed such a token: empty where the set has none. Throws or rejects with
   * `KeysUnavailableError` where no set is usable.
   */
  readonly find: (question: KeyQuestion, context: RequestContext) => MaybePromise<readonly VerifyingKey[]>;
  /**
   * Other keys than those that `find` gave, for a signature that failed under them: those of a newer set, which is
   * fetched where that may be. `undefined` where there are none. Never rejects for an outage: the signature has failed.
   */
  readonly findNewer: (
    question: KeyQuestion,
    context: RequestContext,
    given: readonly VerifyingKey[],
  ) => MaybePromise<readonly VerifyingKey[] | undefined>;
  /** Another number whenever the set has changed. */
  readonly version: () => number;
  /** Fetches the keys before the first request needs them. Rejects where they cannot be fetched. */
  readonly warmup: () => Promise<void>;
  /** Forgets the keys: the next request fetches them. */
  readonly purge: () => void;
}

/** No set of keys is usable now: a token can be neither accepted nor refused. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
  /** When it is worth to try again. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
