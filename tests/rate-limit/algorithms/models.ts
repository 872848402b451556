import type { Limit, Verdict } from "../../../src/index.ts";

/**
 * An algorithm in the plainest way: it keeps every admitted request for ever, and finds each number by trying. Whole
 * numbers only (of any size), so that nothing is rounded.
 */
export interface Model {
  /** Whether a request of this cost fits at this time, with nothing further admitted meanwhile. */
  readonly fits: (cost: number, nowMs: number) => boolean;
  readonly admit: (cost: number, nowMs: number) => void;
  readonly refund: (cost: number, nowMs: number) => void;
}

/** What the model says of a request. */
export function consume(model: Model, { burst, windowMs }: Limit, cost: number, nowMs: number): Verdict {
  const allowed = cost === 0 || (cost <= burst && model.fits(cost, nowMs));
  if (allowed && cost > 0) model.admit(cost, nowMs);
  const remaining = largest(burst, (count) => model.fits(count, nowMs));
  if (!allowed) {
    const waitMs =
      cost > burst ? Number.POSITIVE_INFINITY : smallest(2 * windowMs, (ms) => model.fits(cost, nowMs + ms));
    return { allowed, remaining, retryAfterMs: waitMs, resetMs: waitMs };
  }
  const resetMs = smallest(2 * windowMs, (ms) => model.fits(burst, nowMs + ms));
  return { allowed, remaining, retryAfterMs: 0, resetMs };
}

/** The smallest whole number for which it holds: it holds for all above, and for `most`. */
function smallest(most: number, holds: (value: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The largest whole number for which it holds: it holds for all below, and for 0. */
function largest(most: number, holds: (value: number) => boolean): number {
  return smallest(most, (value) => value === most || !holds(value + 1));
}

export function modelOf(limit: Limit): Model {
  switch (limit.algorithm) {
    case "gcra":
      return bucket(limit);
    case "fixed-window":
      return fixedWindow(limit);
    case "sliding-window":
      return slidingWindow(limit);
    case "sliding-log":
      return slidingLog(limit);
  }
}

/** A bucket that leaks `limit` drops in `windowMs`. A drop is `windowMs` parts, so that a part leaks in 1/limit ms. */
function bucket({ limit, windowMs, burst }: Limit): Model {
  let parts = 0n;
  let atMs = 0;
  const partsAt = (nowMs: number): bigint => {
    const left = parts - BigInt(nowMs - atMs) * BigInt(limit);
    return left > 0n ? left : 0n;
  };
  const put = (added: bigint, nowMs: number): void => {
    const after = partsAt(nowMs) + added;
    parts = after > 0n ? after : 0n;
    atMs = nowMs;
  };
  return {
    fits: (cost, nowMs) => partsAt(nowMs) + BigInt(cost) * BigInt(windowMs) <= BigInt(burst) * BigInt(windowMs),
    admit: (cost, nowMs) => put(BigInt(cost) * BigInt(windowMs), nowMs),
    refund: (cost, nowMs) => put(-BigInt(cost) * BigInt(windowMs), nowMs),
  };
}

function fixedWindow({ limit, windowMs, isAligned }: Limit): Model {
  let beganMs = Number.NEGATIVE_INFINITY;
  let used = 0;
  const isOpen = (nowMs: number): boolean => nowMs < beganMs + windowMs && used > 0;
  return {
    fits: (cost, nowMs) => (isOpen(nowMs) ? used : 0) + cost <= limit,
    admit(cost, nowMs) {
      if (!isOpen(nowMs)) {
        beganMs = isAligned ? nowMs - (nowMs % windowMs) : nowMs;
        used = 0;
      }
      used += cost;
    },
    refund(cost, nowMs) {
      if (isOpen(nowMs)) used = Math.max(0, used - cost);
    },
  };
}

function slidingWindow({ limit, windowMs }: Limit): Model {
  const counts = new Map<number, number>();
  const windowOf = (nowMs: number): number => Math.floor(nowMs / windowMs);
  const countOf = (window: number): number => counts.get(window) ?? 0;
  return {
    fits(cost, nowMs) {
      if (cost === 0) return true;
      const window = windowOf(nowMs);
      const overlapMs = (window + 1) * windowMs - nowMs;
      const used = BigInt(countOf(window - 1)) * BigInt(overlapMs) + BigInt(countOf(window)) * BigInt(windowMs);
      return used + BigInt(cost) * BigInt(windowMs) <= BigInt(limit) * BigInt(windowMs);
    },
    admit(cost, nowMs) {
      counts.set(windowOf(nowMs), countOf(windowOf(nowMs)) + cost);
    },
    refund(cost, nowMs) {
      let left = cost;
      for (const window of [windowOf(nowMs), windowOf(nowMs) - 1]) {
        const taken = Math.min(left, countOf(window));
        counts.set(window, countOf(window) - taken);
        left -= taken;
      }
    },
  };
}

function slidingLog({ limit, windowMs }: Limit): Model {
  const timesMs: number[] = [];
  const usedAt = (nowMs: number): number => timesMs.filter((timeMs) => nowMs - timeMs < windowMs).length;
  return {
    fits: (cost, nowMs) => usedAt(nowMs) + cost <= limit,
    admit(cost, nowMs) {
      for (let count = 0; count < cost; count++) timesMs.push(nowMs);
    },
    refund(cost, nowMs) {
      timesMs.splice(timesMs.length - Math.min(cost, usedAt(nowMs)));
    },
  };
}
