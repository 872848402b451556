import fc from "fast-check";
import type { Limit, RateLimitAlgorithm, Verdict } from "../../../src/index.ts";
import { type LimitCheck, type LimitState, step, unstep } from "../../../src/stores/index.ts";

export const start = 1_763_769_600_000;

export const algorithms: readonly RateLimitAlgorithm[] = ["gcra", "fixed-window", "sliding-window", "sliding-log"];

export function limitOf(
  algorithm: RateLimitAlgorithm,
  limit: number,
  windowMs: number,
  { burst = limit, isAligned = false }: Partial<Limit> = {},
): Limit {
  const id = `x:${algorithm}:${limit}/${windowMs}/${burst}${isAligned ? "/aligned" : ""}`;
  return { id, name: "x", algorithm, limit, windowMs, burst, isAligned };
}

/** One client under one limit, by the reducers. It forgets what has expired, as a store may. */
export class Client {
  readonly limit: Limit;
  state: LimitState | undefined = undefined;
  #endMs = 0;

  constructor(limit: Limit) {
    this.limit = limit;
  }

  consume(cost: number, nowMs: number): Verdict {
    this.#expire(nowMs);
    const { state, ttlMs, verdict } = step(this.state, this.#check(cost), nowMs);
    this.#keep(state, ttlMs, nowMs);
    return verdict;
  }

  refund(cost: number, nowMs: number): void {
    this.#expire(nowMs);
    const { state, ttlMs } = unstep(this.state, this.#check(cost), nowMs);
    this.#keep(state, ttlMs, nowMs);
  }

  #check(cost: number): LimitCheck {
    return { identity: "c", limit: this.limit, cost };
  }

  #keep(state: LimitState | undefined, ttlMs: number, nowMs: number): void {
    this.state = state;
    this.#endMs = nowMs + ttlMs;
  }

  #expire(nowMs: number): void {
    if (nowMs >= this.#endMs) this.state = undefined;
  }
}

/** Any settings that a policy accepts. */
export function anyLimits(algorithm: RateLimitAlgorithm, mostLimit = 1_000_000): fc.Arbitrary<Limit> {
  return fc
    .record({
      limit: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: mostLimit })),
      windowSeconds: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 31_622_400 })),
      burst: fc.nat(),
      isAligned: fc.boolean(),
    })
    .map(({ limit, windowSeconds, burst, isAligned }) =>
      limitOf(algorithm, limit, windowSeconds * 1000, {
        burst: algorithm === "gcra" ? 1 + (burst % limit) : limit,
        isAligned: isAligned && algorithm === "fixed-window",
      }),
    );
}

/** What happens to a client: how much later, in thousandths of the window, and how much it asks for or gets back. */
export const histories: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    isRefund: fc.boolean(),
    afterShare: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(300), fc.nat(2500)),
    costShare: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(400), fc.nat(1100)),
  }),
  { minLength: 1, maxLength: 100, size: "max" },
);

export interface Happening {
  readonly isRefund: boolean;
  readonly afterShare: number;
  readonly costShare: number;
}

/** The cost that a happening means under a limit: 0, 1, or a share of the burst. */
export function costOf({ costShare }: Happening, { burst }: Limit): number {
  return costShare <= 1 ? costShare : Math.ceil((costShare * burst) / 1000);
}
