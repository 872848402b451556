import type { Verdict } from "../store.ts";

/**
 * What is remembered of one client under one limit: a number for `gcra`, a few numbers for the others. Store it as it is
 * (JSON will do); only the reducers know what it means.
 */
export type LimitState = number | readonly number[];

/** What to keep. */
export interface Remembered {
  /** `undefined` when there is nothing to keep: to forget the client changes no decision. */
  readonly state: LimitState | undefined;
  /** Milliseconds after which the state says nothing any more; 0 when it says nothing already. */
  readonly ttlMs: number;
}

/** What a reducer gives: what to keep after the request, and the verdict. */
export interface Step extends Remembered {
  readonly verdict: Verdict;
}

/** The verdict of a request that has to wait so long, and would find so much, and the whole quota after `fullMs`. */
export function verdictOf(waitMs: number, remaining: number, fullMs: number): Verdict {
  const allowed = waitMs <= 0;
  return {
    allowed,
    remaining,
    retryAfterMs: allowed ? 0 : waitMs,
    resetMs: allowed ? fullMs : waitMs,
  };
}
