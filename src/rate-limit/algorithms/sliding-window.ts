import type { Limit } from "../store.ts";
import { type Remembered, type Step, verdictOf } from "./state.ts";

/** Windows lie between multiples of their length since the epoch; the one before counts with what still overlaps. */
interface Counts {
  readonly start: number;
  readonly current: number;
  readonly previous: number;
}

/**
 * Two counters: what the current window admitted, and what the one before did, weighted with its share of the last
 * `windowMs`. The state: when the current window began, its count, and the count of the one before.
 */
export function slidingWindow(state: readonly number[] | undefined, limit: Limit, cost: number, nowMs: number): Step {
  const counts = countsAt(state, limit, nowMs);
  const tooMuch = cost > limit.limit;
  const waitMs = tooMuch ? Number.POSITIVE_INFINITY : waitFor(counts, limit, cost, nowMs);
  const allowed = waitMs <= 0;
  const after = allowed ? { ...counts, current: counts.current + cost } : counts;
  const fullMs = fullAfterMs(after, limit, nowMs);
  return {
    state: allowed && cost > 0 ? [after.start, after.current, after.previous] : state,
    ttlMs: fullMs,
    verdict: verdictOf(waitMs, remainingOf(after, limit, nowMs), fullMs),
  };
}

/** Gives back what an admitted request took: from the current window, or from the one before if it has passed since. */
export function refundSlidingWindow(state: readonly number[], limit: Limit, cost: number, nowMs: number): Remembered {
  const { start, current, previous } = countsAt(state, limit, nowMs);
  const fromCurrent = Math.min(current, cost);
  const after = { start, current: current - fromCurrent, previous: Math.max(0, previous - (cost - fromCurrent)) };
  const ttlMs = fullAfterMs(after, limit, nowMs);
  return { state: ttlMs > 0 ? [after.start, after.current, after.previous] : undefined, ttlMs };
}

/** When the state says nothing any more, as a time. */
export function slidingWindowEndMs([start = 0]: readonly number[], { windowMs }: Limit): number {
  return start + 2 * windowMs;
}

function countsAt(state: readonly number[] | undefined, { windowMs }: Limit, nowMs: number): Counts {
  const now = Math.floor(nowMs / windowMs) * windowMs;
  const [start = now, current = 0, previous = 0] = state ?? [];
  if (start >= now) return { start, current, previous }; // in the future where the clock has gone back
  return { start: now, current: 0, previous: now - start === windowMs ? current : 0 };
}

/** How long until so much fits: the same formula decides and tells when to come back, so that they cannot disagree. */
function waitFor(
  { start, current, previous }: Counts,
  { limit, windowMs }: Limit,
  cost: number,
  nowMs: number,
): number {
  if (cost === 0) return 0;
  const room = limit - current - cost;
  if (room >= 0) {
    if (previous <= room) return 0;
    return Math.max(0, Math.ceil(start + fadesAfterMs(previous, room, windowMs) - nowMs));
  }
  return Math.ceil(start + windowMs + fadesAfterMs(current, limit - cost, windowMs) - nowMs);
}

/**
 * How far into a window the count of the one before weighs no more than `room`: `windowMs × (count - room) / count`,
 * rounded up to a ms. Divided first, because that product may be above 2^53.
 */
function fadesAfterMs(count: number, room: number, windowMs: number): number {
  const rest = windowMs % count;
  return ((windowMs - rest) / count) * (count - room) + Math.ceil((rest * (count - room)) / count);
}

function remainingOf(counts: Counts, limit: Limit, nowMs: number): number {
  const { start, current, previous } = counts;
  const overlap = Math.min(1, (start + limit.windowMs - nowMs) / limit.windowMs);
  const estimate = Math.max(0, Math.floor(limit.limit - current - previous * overlap));
  const fits = (cost: number): boolean => waitFor(counts, limit, cost, nowMs) <= 0;
  // The estimate is rounded; the formula that decides is not.
  if (!fits(estimate)) return estimate - 1;
  return estimate < limit.limit && fits(estimate + 1) ? estimate + 1 : estimate;
}

function fullAfterMs({ start, current, previous }: Counts, { windowMs }: Limit, nowMs: number): number {
  if (current > 0) return Math.ceil(start + 2 * windowMs - nowMs);
  return previous > 0 ? Math.ceil(start + windowMs - nowMs) : 0;
}
