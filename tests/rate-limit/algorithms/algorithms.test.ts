import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endMs } from "../../../src/rate-limit/algorithms/algorithms.ts";
import { step, unstep } from "../../../src/stores/index.ts";
import { options, timeoutMs } from "../../fuzz/support.ts";
import { algorithms, anyLimits, Client, costOf, histories, limitOf, start } from "./support.ts";

const yearMs = 31_622_400_000;

describe.each(algorithms)("%s", (algorithm) => {
  const limits = anyLimits(algorithm, algorithm === "sliding-log" ? 40 : 1_000_000);
  const smallLimits = anyLimits(algorithm, 40);

  test(
    "admits who waits retryAfterMs, and never who comes 2 ms earlier",
    () => {
      const property = fc.property(limits, histories, (limit, history) => {
        const client = new Client(limit);
        let nowMs = start;
        for (const happening of history) {
          nowMs += Math.floor((happening.afterShare * limit.windowMs) / 1000);
          const cost = costOf(happening, limit);
          const { allowed, retryAfterMs } = client.consume(cost, nowMs);
          if (allowed || cost > limit.burst) continue;
          if (retryAfterMs > 2) {
            expect(step(client.state, { identity: "c", limit, cost }, nowMs + retryAfterMs - 2).verdict.allowed).toBe(
              false,
            );
          }
          nowMs += retryAfterMs;
          expect(client.consume(cost, nowMs).allowed).toBe(true);
        }
      });
      fc.assert(property, options);
    },
    timeoutMs,
  );

  test(
    "never admits more in a window than its bound, whatever comes when",
    () => {
      const property = fc.property(smallLimits, histories, (limit, history) => {
        const client = new Client(limit);
        const admitted: { readonly atMs: number; readonly cost: number }[] = [];
        let nowMs = start;
        for (const happening of history) {
          nowMs += Math.floor((happening.afterShare * limit.windowMs) / 1000);
          const cost = costOf(happening, limit);
          if (client.consume(cost, nowMs).allowed) admitted.push({ atMs: nowMs, cost });
        }
        for (const { atMs } of admitted) {
          const inWindow = admitted.filter((other) => other.atMs >= atMs && other.atMs < atMs + limit.windowMs);
          const sum = inWindow.reduce((total, { cost }) => total + cost, 0);
          expect(sum).toBeLessThanOrEqual(mostInAnyWindow(limit.algorithm, limit.limit, limit.burst));
        }
      });
      fc.assert(property, options);
    },
    timeoutMs,
  );

  test(
    "may be forgotten from its end on, and not before",
    () => {
      const property = fc.property(smallLimits, histories, (limit, history) => {
        const client = new Client(limit);
        let nowMs = start;
        for (const happening of history) {
          nowMs += Math.floor((happening.afterShare * limit.windowMs) / 1000);
          client.consume(costOf(happening, limit), nowMs);
          if (client.state === undefined) continue;
          const { ttlMs } = step(client.state, { identity: "c", limit, cost: 0 }, nowMs);
          expect(endMs(client.state, limit)).toBeGreaterThan(nowMs + ttlMs - 1.01);
          for (const cost of [0, 1, limit.burst]) {
            const [kept, forgotten] = [client.state, undefined].map(
              (state) => step(state, { identity: "c", limit, cost }, nowMs + ttlMs).verdict,
            );
            expect(kept).toEqual(forgotten);
          }
        }
      });
      fc.assert(property, { numRuns: Math.ceil(options.numRuns / 3) });
    },
    timeoutMs,
  );

  test.each([
    [1, 1000],
    [7, 1000],
    [1000, 1000],
    [999, 1000],
    [1000, 7000],
    [3, yearMs],
    [1000, yearMs],
  ])("admits exactly %i at one instant in a window of %i ms", (limit, windowMs) => {
    const client = new Client(limitOf(algorithm, limit, windowMs));
    for (let left = limit - 1; left >= 0; left--) {
      const { allowed, remaining } = client.consume(1, start);
      if (!allowed || remaining !== left) expect({ allowed, remaining }).toEqual({ allowed: true, remaining: left });
    }
    expect(client.consume(1, start)).toMatchObject({ allowed: false, remaining: 0 });
  });

  test("leaves the state as it was when it refuses, and when nothing is asked for", () => {
    const limit = limitOf(algorithm, 4, 60_000);
    const client = new Client(limit);
    client.consume(3, start);
    const before = client.state;
    expect(client.consume(2, start + 5).allowed).toBe(false);
    expect(client.state).toEqual(before);
    expect(client.consume(5, start + 5)).toMatchObject({ allowed: false, remaining: 1, retryAfterMs: Infinity });
    expect(client.state).toEqual(before);
    expect(client.consume(0, start + 5)).toMatchObject({ allowed: true, remaining: 1, retryAfterMs: 0 });
    expect(client.state).toEqual(before);
  });

  test("never changes the state that it is given", () => {
    const limit = limitOf(algorithm, 4, 60_000);
    const client = new Client(limit);
    client.consume(1, start);
    const state = typeof client.state === "object" ? Object.freeze([...client.state]) : client.state;
    const before = JSON.stringify(state);
    step(state, { identity: "c", limit, cost: 2 }, start + 30_000);
    unstep(state, { identity: "c", limit, cost: 1 }, start + 30_000);
    expect(JSON.stringify(state)).toBe(before);
  });

  test("remembers nothing of a client that has asked for nothing", () => {
    const limit = limitOf(algorithm, 4, 60_000);
    expect(step(undefined, { identity: "c", limit, cost: 0 }, start)).toEqual({
      state: undefined,
      ttlMs: 0,
      verdict: { allowed: true, remaining: 4, retryAfterMs: 0, resetMs: 0 },
    });
  });

  test("remembers nothing of a client whose every request was given back", () => {
    const limit = limitOf(algorithm, 4, 60_000);
    const client = new Client(limit);
    client.consume(1, start);
    client.consume(2, start + 100);
    client.refund(3, start + 200);
    expect(client.state).toBeUndefined();
  });

  test("admits nobody early when the clock goes back, and is in order again when it is right", () => {
    const limit = limitOf(algorithm, 2, 10_000);
    const client = new Client(limit);
    const nowMs = start + 3000;
    client.consume(2, nowMs);
    for (const backMs of [1, 4000, 100_000, start]) {
      const verdict = client.consume(1, nowMs - backMs);
      expect(verdict).toMatchObject({ allowed: false, remaining: 0 });
      expect(verdict.retryAfterMs).toBeGreaterThan(backMs);
      expect(client.consume(0, nowMs - backMs)).toMatchObject({ allowed: true, remaining: 0 });
    }
    const { retryAfterMs } = client.consume(1, nowMs);
    expect(client.consume(1, nowMs + retryAfterMs).allowed).toBe(true);
  });

  test("goes on from any state that is of another algorithm as if there were none", () => {
    const limit = limitOf(algorithm, 4, 60_000);
    const foreign = algorithm === "gcra" ? [start, 4] : start;
    expect(step(foreign, { identity: "c", limit, cost: 1 }, start).verdict).toMatchObject({
      allowed: true,
      remaining: 3,
    });
  });
});

/** What README says of each algorithm. */
function mostInAnyWindow(algorithm: (typeof algorithms)[number], limit: number, burst: number): number {
  switch (algorithm) {
    case "gcra":
      return burst + limit - 1;
    case "fixed-window":
      return 2 * limit;
    case "sliding-window":
      return 2 * limit - 1;
    case "sliding-log":
      return limit;
  }
}

test("gcra admits exactly a million at one instant in a window of a second", () => {
  const client = new Client(limitOf("gcra", 1_000_000, 1000));
  let admitted = 0;
  while (client.consume(1, start).allowed) admitted++;
  expect(admitted).toBe(1_000_000);
});

test("gcra holds no more than its debt after a million requests in a thousand seconds", () => {
  const client = new Client(limitOf("gcra", 1_000_000, 7000, { burst: 10 }));
  let admitted = 0;
  for (let ms = 0; ms < 7000; ms++) {
    for (let count = 0; count < 160; count++) if (client.consume(1, start + ms).allowed) admitted++;
  }
  // 142.9 refill in a ms, and the bucket holds 10: so it is 10 in each.
  expect(admitted).toBe(70_000);
});
