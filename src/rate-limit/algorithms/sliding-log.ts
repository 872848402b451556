import type { Limit } from "../store.ts";
import { type Remembered, type Step, verdictOf } from "./state.ts";

/**
 * Keeps the time of every admitted request, so that no window of any position has more than the limit. A request of
 * cost n is n entries. The state: the times, the oldest first.
 */
export function slidingLog(state: readonly number[] | undefined, limit: Limit, cost: number, nowMs: number): Step {
  const times = timesAt(state, limit, nowMs);
  const allowed = cost === 0 || times.length + cost <= limit.limit;
  const after = allowed && cost > 0 ? times.concat(entries(times, cost, nowMs)) : times;
  const fullMs = fullAfterMs(after, limit, nowMs);
  return {
    state: allowed && cost > 0 ? after : state,
    ttlMs: fullMs,
    verdict: verdictOf(allowed ? 0 : waitFor(times, limit, cost, nowMs), limit.limit - after.length, fullMs),
  };
}

/** Gives back what an admitted request took: the newest entries. */
export function refundSlidingLog(state: readonly number[], limit: Limit, cost: number, nowMs: number): Remembered {
  const times = timesAt(state, limit, nowMs);
  const after = times.slice(0, Math.max(0, times.length - cost));
  return after.length > 0 ? { state: after, ttlMs: fullAfterMs(after, limit, nowMs) } : { state: undefined, ttlMs: 0 };
}

/** When the state says nothing any more, as a time. */
export function slidingLogEndMs(state: readonly number[], { windowMs }: Limit): number {
  return (state.at(-1) ?? 0) + windowMs;
}

function timesAt(state: readonly number[] | undefined, { windowMs }: Limit, nowMs: number): readonly number[] {
  if (state === undefined) return [];
  const first = state.findIndex((timeMs) => nowMs < timeMs + windowMs);
  if (first === 0) return state;
  return first === -1 ? [] : state.slice(first);
}

/** Never before the newest entry: where the clock has gone back, the log stays in order. */
function entries(times: readonly number[], cost: number, nowMs: number): number[] {
  return new Array<number>(cost).fill(Math.max(nowMs, times.at(-1) ?? nowMs));
}

function waitFor(times: readonly number[], { limit, windowMs }: Limit, cost: number, nowMs: number): number {
  const oldestInTheWay = times[times.length + cost - limit - 1];
  if (oldestInTheWay === undefined) return Number.POSITIVE_INFINITY; // it would not fit into an empty log
  return Math.ceil(oldestInTheWay + windowMs - nowMs);
}

function fullAfterMs(times: readonly number[], { windowMs }: Limit, nowMs: number): number {
  const newest = times.at(-1);
  return newest === undefined ? 0 : Math.ceil(newest + windowMs - nowMs);
}
