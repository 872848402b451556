import type { MaybePromise } from "../lib/maybe-promise.ts";

/** How a limit counts. GCRA is a token bucket that refills evenly, kept as one number. */
export type RateLimitAlgorithm = "gcra";

/** A limit as stores see it. */
export interface Limit {
  /** Names the limit with its settings: two limits of one store with the same id are one bucket. */
  readonly id: string;
  readonly name: string;
  readonly algorithm: RateLimitAlgorithm;
  /** Requests per window. */
  readonly limit: number;
  readonly windowMs: number;
  /** The most that may come at once. */
  readonly burst: number;
}

/** One limit to decide for one client. */
export interface LimitCheck {
  /** Who is counted. Any text: a store must not take it apart. */
  readonly identity: string;
  readonly limit: Limit;
  /** How much this request takes. */
  readonly cost: number;
}

/** What a store decided of one check. */
export interface Verdict {
  readonly allowed: boolean;
  /** What is left after this request; `null` where the store cannot know. */
  readonly remaining: number | null;
  /** Milliseconds until the same request would be admitted; 0 when it was. */
  readonly retryAfterMs: number;
  /** Milliseconds until the whole quota is back; the retry time on refusal; `null` where the store cannot know. */
  readonly resetMs: number | null;
}

/** A limit that was decided for a request, and what came out. */
export interface Counted {
  readonly limit: Limit;
  readonly verdict: Verdict;
}

/** Where limits are counted. Write your own: an object with these members. */
export interface RateLimitStore {
  readonly name: string;
  readonly capabilities: {
    readonly algorithms: readonly RateLimitAlgorithm[];
    /** Never admits more than the limit, whatever the concurrency. */
    readonly exact: boolean;
    /** Decides several checks as one. */
    readonly atomic: boolean;
    /** Knows what is left. */
    readonly remaining: boolean;
  };
  /**
   * Decides all checks together: every one is admitted and consumed, or none is consumed. Gives one verdict for each,
   * in their order. May answer synchronously. It throws or rejects where it cannot decide.
   */
  readonly consume: (
    checks: readonly LimitCheck[],
    options: { readonly nowMs: number },
  ) => MaybePromise<readonly Verdict[]>;
}
