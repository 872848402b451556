import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { LimitTexts } from "./fields.ts";

/** How a limit counts. README says how many requests each lets through in any window. */
export type RateLimitAlgorithm = "gcra" | "fixed-window" | "sliding-window" | "sliding-log";

/** A limit as stores see it. */
export interface Limit {
  /** Names the limit with its settings: two limits of one store with the same id are one bucket. */
  readonly id: string;
  readonly name: string;
  readonly algorithm: RateLimitAlgorithm;
  /** Requests per window. */
  readonly limit: number;
  readonly windowMs: number;
  /** The most that may come at once. Only GCRA has one of its own; elsewhere it is the limit. */
  readonly burst: number;
  /** Whether the windows of `fixed-window` begin at multiples of the window, not with the first request. */
  readonly isAligned: boolean;
}

/** One limit to decide for one client. */
export interface LimitCheck {
  /** Who is counted. Any text: a store must not take it apart. */
  readonly identity: string;
  readonly limit: Limit;
  /** How much this request takes. */
  readonly cost: number;
  /** Decides without consuming. Default: false. */
  readonly peek?: boolean;
}

/** What a store decided of one check. */
export interface Verdict {
  readonly allowed: boolean;
  /** What is left after this request; `null` where the store cannot know. */
  readonly remaining: number | null;
  /** Milliseconds until the same request would be admitted; 0 when it was, `Infinity` where it costs more than the burst. */
  readonly retryAfterMs: number;
  /** Milliseconds until the whole quota is back; the retry time on refusal; `null` where the store cannot know. */
  readonly resetMs: number | null;
}

/** A limit with what clients are told of it. */
export interface ShownLimit extends Limit {
  readonly texts: LimitTexts;
}

/** A limit that was decided for a request, and what came out. */
export interface Counted {
  readonly limit: ShownLimit;
  readonly verdict: Verdict;
}

/** What a decision is made under. */
export interface ConsumeOptions {
  /** The clock of this process. A store with a clock of its own does not need it. */
  readonly nowMs: number;
  /** Aborts when the deadline of a store that counts elsewhere has passed. */
  readonly signal?: AbortSignal;
}

/** Where limits are counted. Write your own: an object with these members, or one of the helpers of `mantlet/stores`. */
export interface RateLimitStore {
  readonly name: string;
  readonly capabilities: {
    readonly algorithms: readonly RateLimitAlgorithm[];
    /** Never admits more than the limit, whatever the concurrency. */
    readonly exact: boolean;
    /** Decides several checks as one, also of different identities. */
    readonly atomic: boolean;
    /** Knows what is left. */
    readonly remaining: boolean;
  };
  /**
   * How long a decision may take, in milliseconds. Stores that count outside this process have it: they get a deadline, a
   * circuit breaker, a fallback, and identities hashed under `keySecret`. `undefined` for stores that cannot be down.
   */
  readonly timeoutMs?: number;
  /**
   * Why this store cannot count a limit, as the text of a configuration error; `undefined` where it can. Asked when a
   * policy is made. A store without it counts every limit of its algorithms.
   */
  readonly objectionTo?: (limit: Limit) => string | undefined;
  /**
   * Decides all checks together: every one is admitted and consumed, or none is consumed. Gives one verdict for each,
   * in their order. May answer synchronously. It throws or rejects where it cannot decide.
   */
  readonly consume: (checks: readonly LimitCheck[], options: ConsumeOptions) => MaybePromise<readonly Verdict[]>;
  /** Gives back what admitted checks took. */
  readonly refund?: (checks: readonly LimitCheck[], options: ConsumeOptions) => MaybePromise<void>;
  /** Forgets clients: each check names one limit of one identity. */
  readonly reset?: (checks: readonly Pick<LimitCheck, "identity" | "limit">[]) => MaybePromise<void>;
}
