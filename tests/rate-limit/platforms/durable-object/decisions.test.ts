import { describe, expect, test } from "vitest";
import { algorithms, limitOf } from "../../algorithms/support.ts";
import { admitted, runObjects } from "./objects.ts";

const hourMs = 3_600_000;

const { consume, consumeOne, stored } = runObjects();

describe("an object", () => {
  test.each(
    algorithms.flatMap((algorithm) => ["WATCHED", "WITHOUT_SQL"].map((object) => [algorithm, object] as const)),
  )("admits exactly the limit of 500 concurrent requests: %s, %s", async (algorithm, object) => {
    const check = { identity: `many ${algorithm}`, limit: limitOf(algorithm, 50, hourMs), cost: 1 };
    const consumed = await consume([check], { object, times: 500 });
    expect(admitted(consumed)).toBe(50);
    expect(consumed.calls).toBe(500);
    expect(await consumeOne(check, object)).toMatchObject({ allowed: false, remaining: 0 });
  });

  test("decides all limits of one identity with one subrequest, all or none", async () => {
    const limits = [
      limitOf("gcra", 100, hourMs),
      limitOf("sliding-log", 3, hourMs),
      limitOf("fixed-window", 9, hourMs),
    ];
    const checks = limits.map((limit) => ({ identity: "one", limit, cost: 1 }));
    const { calls, verdicts } = await consume(checks, { times: 3 });
    expect(calls).toBe(3);
    expect(verdicts.map((decision) => decision.map(({ remaining }) => remaining))).toEqual([
      [99, 2, 8],
      [98, 1, 7],
      [97, 0, 6],
    ]);
    const refused = await consume(checks);
    expect(refused.calls).toBe(1);
    expect(refused.verdicts[0]?.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 97],
      [false, 0],
      [true, 6],
    ]);
  });

  test("counts limits of several identities in their order, and gives back what a refused request took", async () => {
    const limit = limitOf("gcra", 10, hourMs);
    const tight = limitOf("fixed-window", 1, hourMs);
    const checks = [
      { identity: "first", limit, cost: 4 },
      { identity: "second", limit: tight, cost: 1 },
      { identity: "third", limit, cost: 1 },
    ];
    expect(await consume(checks)).toMatchObject({
      calls: 3,
      verdicts: [[{ remaining: 6 }, { remaining: 0 }, { remaining: 9 }]],
    });
    const refused = await consume(checks);
    expect(refused.calls).toBe(4); // two decisions, one refund, one look
    expect(refused.verdicts[0]?.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 6],
      [false, 0],
      [true, 9],
    ]);
  });

  test("tells Infinity for what costs more than the limit ever grants", async () => {
    const check = { identity: "dear", limit: limitOf("gcra", 10, hourMs), cost: 11 };
    expect(await consumeOne(check)).toEqual({ allowed: false, remaining: 10, retryAfterMs: null, resetMs: null }); // of JSON
    expect((await stored("dear")).entries).toEqual([]);
  });

  test("stores neither who is counted, nor anything of a refused request", async () => {
    const check = { identity: "203.0.113.99", limit: limitOf("gcra", 1, hourMs), cost: 1 };
    expect(await consumeOne(check)).toMatchObject({ allowed: true });
    const before = await stored("203.0.113.99");
    expect(await consumeOne(check)).toMatchObject({ allowed: false });
    expect(await stored("203.0.113.99")).toEqual(before);
    expect(before.entries.map(([key]) => key)).toEqual([check.limit.id]);
    expect(JSON.stringify(before)).not.toContain("203.0.113");
  });
});
