import type { Limit } from "../store.ts";
import { type Remembered, type Step, verdictOf } from "./state.ts";

/**
 * The generic cell rate algorithm (ITU-T I.371, Annex A): a bucket of `burst` that refills evenly with `limit` per window.
 *
 * The state is the theoretical arrival time, when the debt of all admitted requests is paid. It is counted in requests
 * (time × rate), not in ms: then each request adds a whole number, which a double holds exactly. A thousandth of a ms,
 * what a request is worth at a million per second, added to today's time would be off by 2 %.
 */
export function gcra(state: number | undefined, limit: Limit, cost: number, nowMs: number): Step {
  const { burst } = limit;
  const rate = ratePerMs(limit);
  const tolerance = toleranceOf(rate);
  const nowArrival = nowMs * rate;
  const debt = state !== undefined && state > nowArrival ? state - nowArrival : 0;
  const excess = debt + cost - burst;
  const allowed = cost === 0 || excess <= tolerance;
  const debtAfter = allowed ? debt + cost : debt;
  return {
    state: allowed && cost > 0 ? nowArrival + debtAfter : state,
    ttlMs: Math.ceil(debtAfter / rate),
    verdict: verdictOf(
      allowed ? 0 : cost > burst ? Number.POSITIVE_INFINITY : ceilMs(excess, rate),
      Math.max(0, Math.floor(burst - debtAfter + tolerance)),
      ceilMs(debtAfter, rate),
    ),
  };
}

/** Gives back what an admitted request took. */
export function refundGcra(state: number, limit: Limit, cost: number, nowMs: number): Remembered {
  const rate = ratePerMs(limit);
  const debt = state - cost - nowMs * rate;
  return debt > 0 ? { state: state - cost, ttlMs: Math.ceil(debt / rate) } : { state: undefined, ttlMs: 0 };
}

/** When the state says nothing any more, as a time. */
export function gcraEndMs(state: number, limit: Limit): number {
  return state / ratePerMs(limit);
}

function ratePerMs({ limit, windowMs }: Limit): number {
  return limit / windowMs;
}

/** A double holds today's time to 0.0002 ms: what differs by less than this many requests is equal. */
function toleranceOf(rate: number): number {
  return Math.min(0.5, rate / 128);
}

/** Half the tolerance, so that the one who waits as long is within the whole of it. */
function ceilMs(requests: number, rate: number): number {
  return Math.max(0, Math.ceil((requests - toleranceOf(rate) / 2) / rate));
}
