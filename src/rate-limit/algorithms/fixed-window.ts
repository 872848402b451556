import type { Limit } from "../store.ts";
import { type Remembered, type Step, verdictOf } from "./state.ts";

/**
 * Counts from the first request to the end of the window, or, aligned, between multiples of the window since the epoch.
 * The state: when the window began, and what is used of it.
 */
export function fixedWindow(state: readonly number[] | undefined, limit: Limit, cost: number, nowMs: number): Step {
  const { start, used } = windowAt(state, limit, nowMs);
  const allowed = cost === 0 || used + cost <= limit.limit;
  const usedAfter = allowed ? used + cost : used;
  const leftMs = Math.ceil(start + limit.windowMs - nowMs);
  const fullMs = usedAfter > 0 ? leftMs : 0;
  return {
    state: allowed && cost > 0 ? [start, usedAfter] : state,
    ttlMs: fullMs,
    verdict: verdictOf(
      allowed ? 0 : cost > limit.limit ? Number.POSITIVE_INFINITY : leftMs,
      limit.limit - usedAfter,
      fullMs,
    ),
  };
}

/** Gives back what an admitted request took, if its window is still open. */
export function refundFixedWindow(state: readonly number[], limit: Limit, cost: number, nowMs: number): Remembered {
  const { start, used } = windowAt(state, limit, nowMs);
  const usedAfter = used - cost;
  if (usedAfter <= 0) return { state: undefined, ttlMs: 0 };
  return { state: [start, usedAfter], ttlMs: Math.ceil(start + limit.windowMs - nowMs) };
}

/** When the state says nothing any more, as a time. */
export function fixedWindowEndMs([start = 0]: readonly number[], { windowMs }: Limit): number {
  return start + windowMs;
}

/** The window that is open. One that began in the future is: the clock has gone back. */
function windowAt(
  state: readonly number[] | undefined,
  { windowMs, isAligned }: Limit,
  nowMs: number,
): { readonly start: number; readonly used: number } {
  const [start = 0, used = 0] = state ?? [];
  if (used > 0 && nowMs < start + windowMs) return { start, used };
  return { start: isAligned ? Math.floor(nowMs / windowMs) * windowMs : nowMs, used: 0 };
}
