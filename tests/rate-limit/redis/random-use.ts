import type { Limit, LimitCheck, RateLimitAlgorithm, Verdict } from "../../../src/rate-limit/store.ts";
import type { Random } from "../../../src/testing/random.ts";
import { limitOf } from "./limits.ts";

export const yearMs = 31_622_400_000;

/** Limits whose window is no multiple of them, the fastest and the slowest that a policy accepts, and any others. */
export function limitsOf(random: Random, algorithm: RateLimitAlgorithm): readonly [Limit, ...Limit[]] {
  const most = algorithm === "sliding-log" ? 10_000 : 1_000_000;
  return [
    settings(random, algorithm, 1 + random.below(12), 1000),
    settings(random, algorithm, ...random.pick(oddSettings(most))),
    settings(random, algorithm, ...random.pick(oddSettings(most))),
    settings(random, algorithm, upTo(random, most), 1000 * upTo(random, yearMs / 1000)),
  ];
}

function oddSettings(most: number): readonly [[number, number], ...[number, number][]] {
  return [
    [7, 60_000],
    [3, 1000],
    [1, yearMs],
    [3, yearMs],
    [most, yearMs],
    [most, 1000],
    [most, 7000],
    [most - 17, 3_599_000],
  ];
}

/** From 1 to `most`, any number of digits being as likely. */
function upTo(random: Random, most: number): number {
  return Math.max(1, Math.floor(most ** (random.below(1_000_001) / 1_000_000)));
}

function settings(random: Random, algorithm: RateLimitAlgorithm, limit: number, windowMs: number): Limit {
  const burst = algorithm === "gcra" && random.below(2) === 0 ? 1 + random.below(limit) : limit;
  return limitOf(algorithm, {
    limit,
    windowMs,
    burst,
    isAligned: algorithm === "fixed-window" && random.below(2) === 0,
  });
}

/** Somebody asks one of the limits for nothing, a little, or much, perhaps too much. */
export function checkOf(
  random: Random,
  limits: readonly [Limit, ...Limit[]],
  identities: readonly [string, ...string[]],
): LimitCheck {
  const limit = random.pick(limits);
  const cost = random.pick([
    random.below(3),
    random.below(3),
    Math.ceil(limit.burst / (1 + random.below(5))),
    random.below(limit.burst + 2),
  ]);
  return { identity: random.pick(identities), limit, cost, peek: random.below(8) === 0 };
}

/** None, a little, about as long as somebody was told to wait, a part of a window; sometimes the clock goes back. */
export function pauseAfter(random: Random, verdicts: readonly Verdict[], paceMs: number): number {
  const { retryAfterMs = 0 } = verdicts.find(({ retryAfterMs: ms }) => ms > 0 && ms < Number.POSITIVE_INFINITY) ?? {};
  switch (random.below(8)) {
    case 0:
      return random.below(3);
    case 1:
      return random.below(Math.ceil(paceMs / 3));
    case 2:
    case 3:
      return Math.max(0, retryAfterMs - random.below(3));
    case 4:
      return random.below(4) === 0 ? -random.below(Math.min(paceMs, 100_000)) : random.below(300);
    default:
      return 0;
  }
}
