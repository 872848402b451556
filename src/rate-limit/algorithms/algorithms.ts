import type { Limit, LimitCheck } from "../store.ts";
import { fixedWindow, fixedWindowEndMs, refundFixedWindow } from "./fixed-window.ts";
import { gcra, gcraEndMs, refundGcra } from "./gcra.ts";
import { refundSlidingLog, slidingLog, slidingLogEndMs } from "./sliding-log.ts";
import { refundSlidingWindow, slidingWindow, slidingWindowEndMs } from "./sliding-window.ts";
import type { LimitState, Remembered, Step } from "./state.ts";

/**
 * Decides one request, as a pure function: the reference that every store agrees with.
 *
 * A refused check leaves the state as it was; one of cost 0 is always allowed and takes nothing; one that costs more
 * than the limit (`burst`, for `gcra`) is refused with `retryAfterMs: Infinity`. `peek` is not looked at: whoever peeks
 * does not keep the state.
 *
 * @param state What was remembered of this client under this limit; `undefined` when nothing is.
 */
export function step(state: LimitState | undefined, { limit, cost }: LimitCheck, nowMs: number): Step {
  if (limit.algorithm === "gcra") return gcra(typeof state === "number" ? state : undefined, limit, cost, nowMs);
  const numbers = typeof state === "object" ? state : undefined;
  switch (limit.algorithm) {
    case "fixed-window":
      return fixedWindow(numbers, limit, cost, nowMs);
    case "sliding-window":
      return slidingWindow(numbers, limit, cost, nowMs);
    case "sliding-log":
      return slidingLog(numbers, limit, cost, nowMs);
  }
}

/** Gives back what an admitted check of that cost took, as far as it has not come back by itself. Pure, as `step`. */
export function unstep(state: LimitState | undefined, { limit, cost }: LimitCheck, nowMs: number): Remembered {
  if (state === undefined) return { state, ttlMs: 0 };
  if (typeof state === "number") return refundGcra(state, limit, cost, nowMs);
  switch (limit.algorithm) {
    case "fixed-window":
      return refundFixedWindow(state, limit, cost, nowMs);
    case "sliding-window":
      return refundSlidingWindow(state, limit, cost, nowMs);
    default:
      return refundSlidingLog(state, limit, cost, nowMs);
  }
}

/** The time from which the state says nothing any more: to forget it then changes no decision. */
export function endMs(state: LimitState, limit: Limit): number {
  if (typeof state === "number") return gcraEndMs(state, limit);
  switch (limit.algorithm) {
    case "fixed-window":
      return fixedWindowEndMs(state, limit);
    case "sliding-window":
      return slidingWindowEndMs(state, limit);
    default:
      return slidingLogEndMs(state, limit);
  }
}
