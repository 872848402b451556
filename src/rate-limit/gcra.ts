import type { Limit, Verdict } from "./store.ts";

/** What a reducer gives: the state after the request, how long it matters, and the verdict. */
export interface Step {
  /** The theoretical arrival time in ms: when the debt of all admitted requests is paid. */
  readonly state: number;
  /** Milliseconds after which the state says nothing any more. */
  readonly ttlMs: number;
  readonly verdict: Verdict;
}

/**
 * The generic cell rate algorithm (ITU-T I.371, Annex A) as a pure function: a bucket of `burst` that refills evenly
 * with `limit` per window. A refused request leaves the state as it was.
 */
export function gcra(state: number | undefined, { limit, windowMs, burst }: Limit, cost: number, nowMs: number): Step {
  const intervalMs = windowMs / limit;
  const burstMs = burst * intervalMs;
  // The clock ticks in whole ms, and a double holds today's time to 0.0002 ms: within this, sums of intervals are equal.
  const toleranceMs = Math.min(intervalMs, 1) / 2;
  const before = state !== undefined && state > nowMs ? state : nowMs;
  const after = before + cost * intervalMs;
  const waitMs = after - burstMs - nowMs;
  const allowed = waitMs <= toleranceMs;
  const arrival = allowed ? after : before;
  const retryAfterMs = allowed ? 0 : Math.ceil(waitMs);
  return {
    state: arrival,
    ttlMs: Math.ceil(arrival - nowMs),
    verdict: {
      allowed,
      remaining: Math.max(0, Math.floor((burstMs - (arrival - nowMs) + toleranceMs) / intervalMs)),
      retryAfterMs,
      resetMs: allowed ? Math.ceil(arrival - nowMs) : retryAfterMs,
    },
  };
}
