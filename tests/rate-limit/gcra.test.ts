import fc from "fast-check";
import { expect, test } from "vitest";
import { type Limit, memoryStore, type RateLimitStore, type Verdict } from "../../src/index.ts";

const start = 1_763_769_600_000;

const limitOf = (limit: number, windowMs: number, burst: number): Limit => ({
  id: `x:${limit}/${windowMs}/${burst}`,
  name: "x",
  algorithm: "gcra",
  limit,
  windowMs,
  burst,
  isAligned: false,
});

function consume(store: RateLimitStore, limit: Limit, nowMs: number): Verdict {
  const [verdict] = store.consume([{ identity: "c", limit, cost: 1 }], { nowMs }) as readonly Verdict[]; // memory is synchronous
  if (verdict === undefined) throw new Error("no verdict");
  return verdict;
}

/** The same bucket in exact integers: `debt` is what is not yet refilled, in thousandths of a request per window ms. */
class ExactBucket {
  readonly #limit: bigint;
  readonly #windowMs: bigint;
  readonly #burst: bigint;
  #debt = 0n; // in requests × windowMs
  #last: bigint;

  constructor({ limit, windowMs, burst }: Limit, nowMs: number) {
    this.#limit = BigInt(limit);
    this.#windowMs = BigInt(windowMs);
    this.#burst = BigInt(burst);
    this.#last = BigInt(nowMs);
  }

  consume(nowMs: number): Verdict {
    const now = BigInt(nowMs);
    const paid = (now - this.#last) * this.#limit;
    this.#debt = this.#debt > paid ? this.#debt - paid : 0n;
    this.#last = now;
    const room = this.#burst * this.#windowMs;
    const excess = this.#debt + this.#windowMs - room;
    const allowed = excess <= 0n;
    if (allowed) this.#debt += this.#windowMs;
    const ceilMs = (amount: bigint): number => Number((amount + this.#limit - 1n) / this.#limit);
    const retryAfterMs = allowed ? 0 : ceilMs(excess);
    return {
      allowed,
      remaining: Number((room - this.#debt) / this.#windowMs),
      retryAfterMs,
      resetMs: allowed ? ceilMs(this.#debt) : retryAfterMs,
    };
  }
}

/** Settings whose interval is a whole number of ms, or a whole fraction of one: there nothing is rounded. */
const exactLimits = fc
  .record({ limit: fc.integer({ min: 1, max: 50 }), interval: fc.integer({ min: 1, max: 3_600_000 }), burst: fc.nat() })
  .map(({ limit, interval, burst }) => limitOf(limit, limit * interval, 1 + (burst % limit)));

/** Any settings that a policy accepts. */
const anyLimits = fc
  .record({
    limit: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1_000_000 })),
    windowSeconds: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 31_622_400 })),
    burst: fc.nat(),
  })
  .map(({ limit, windowSeconds, burst }) => limitOf(limit, windowSeconds * 1000, 1 + (burst % limit)));

const waits = fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(5000), fc.nat(10_000_000)), { maxLength: 60 });

test("every verdict equals that of exact integers", () => {
  fc.assert(
    fc.property(exactLimits, waits, (limit, gaps) => {
      const store = memoryStore();
      const exact = new ExactBucket(limit, start);
      let nowMs = start;
      for (const gap of gaps) {
        nowMs += gap;
        expect(consume(store, limit, nowMs)).toEqual(exact.consume(nowMs));
      }
    }),
    { numRuns: 300 },
  );
});

test("remaining counts down from the burst to nothing, then requests are refused", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 200_000, max: 31_622_400_000 }),
      (burst, windowMs) => {
        const store = memoryStore();
        const limit = limitOf(200, windowMs, burst);
        for (let left = burst - 1; left >= 0; left--) {
          expect(consume(store, limit, start)).toMatchObject({ allowed: true, remaining: left, retryAfterMs: 0 });
        }
        expect(consume(store, limit, start)).toMatchObject({ allowed: false, remaining: 0 });
      },
    ),
    { numRuns: 50 },
  );
});

/** Takes requests until one is refused. */
function exhaust(store: RateLimitStore, limit: Limit, nowMs: number): Verdict {
  for (let count = 0; count <= limit.burst; count++) {
    const verdict = consume(store, limit, nowMs);
    if (!verdict.allowed) return verdict;
  }
  throw new Error(`more than ${limit.burst} at once`);
}

const smallBursts = anyLimits.map((limit) => limitOf(limit.limit, limit.windowMs, 1 + (limit.burst % 30)));
const slow = smallBursts.filter(({ limit, windowMs }) => windowMs / limit >= 3);

test("a client that waits retryAfterMs is admitted, and one that comes 2 ms earlier never", () => {
  fc.assert(
    fc.property(slow, fc.nat(1_000_000), (limit, offset) => {
      const store = memoryStore();
      const nowMs = start + offset;
      const refused = exhaust(store, limit, nowMs);
      expect(refused.retryAfterMs).toBeGreaterThan(0);
      expect(refused.resetMs).toBe(refused.retryAfterMs);
      const early = consume(store, limit, nowMs + refused.retryAfterMs - 2);
      expect(early).toMatchObject({ allowed: false });
      expect(consume(store, limit, nowMs + refused.retryAfterMs)).toMatchObject({ allowed: true });
    }),
    { numRuns: 300 },
  );
});

test("a refused request consumes nothing, however often it comes", () => {
  fc.assert(
    fc.property(slow, fc.integer({ min: 1, max: 50 }), (limit, times) => {
      const store = memoryStore();
      const { retryAfterMs } = exhaust(store, limit, start);
      for (let count = 0; count < times; count++) {
        expect(consume(store, limit, start)).toMatchObject({ allowed: false, retryAfterMs });
      }
      expect(consume(store, limit, start + retryAfterMs)).toMatchObject({ allowed: true });
    }),
    { numRuns: 100 },
  );
});

test("no window of any length has more than the burst and what has refilled", () => {
  fc.assert(
    fc.property(smallBursts, waits, (limit, gaps) => {
      const store = memoryStore();
      const admitted: number[] = [];
      let nowMs = start;
      for (const gap of gaps) {
        nowMs += gap % (2 * limit.windowMs);
        if (consume(store, limit, nowMs).allowed) admitted.push(nowMs);
      }
      for (const [first, from] of admitted.entries()) {
        for (const [last, to] of admitted.entries()) {
          const most = limit.burst + ((to - from + 1) * limit.limit) / limit.windowMs; // 1 ms for the clock's grain
          if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(Math.ceil(most));
        }
      }
    }),
    { numRuns: 150 },
  );
});

test("after resetMs the whole burst is back", () => {
  fc.assert(
    fc.property(smallBursts, (limit) => {
      const store = memoryStore();
      const { resetMs } = consume(store, limit, start);
      const later = consume(store, limit, start + (resetMs ?? Number.NaN));
      expect(later).toMatchObject({ allowed: true, remaining: limit.burst - 1 });
    }),
    { numRuns: 200 },
  );
});

test("a window of a year is exact: no timer overflows", () => {
  const store = memoryStore();
  const year = limitOf(1, 31_622_400_000, 1);
  expect(consume(store, year, start)).toMatchObject({ allowed: true, resetMs: 31_622_400_000 });
  expect(consume(store, year, start + 31_622_399_998)).toMatchObject({ allowed: false, retryAfterMs: 2 });
  expect(consume(store, year, start + 31_622_400_000)).toMatchObject({ allowed: true });
});

test("a clock that goes back admits nobody early and breaks nothing", () => {
  const store = memoryStore();
  const limit = limitOf(1, 10_000, 1);
  consume(store, limit, start);
  expect(consume(store, limit, start - 5000)).toMatchObject({ allowed: false, retryAfterMs: 15_000 });
  expect(consume(store, limit, start + 10_000)).toMatchObject({ allowed: true });
});
