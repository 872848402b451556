import { describe, expect, test } from "vitest";
import { algorithms, limitOf } from "../../algorithms/support.ts";
import { admitted, runObjects } from "./objects.ts";

const hourMs = 3_600_000;

const { worker, consume, consumeOne, stored } = runObjects();

describe("what an object counted", () => {
  const checks = algorithms.map((algorithm) => ({ identity: "kept", limit: limitOf(algorithm, 2, hourMs), cost: 2 }));

  test.each(["WATCHED", "WITHOUT_SQL"])("survives the end of the object: %s", async (object) => {
    expect(admitted(await consume(checks, { object }))).toBe(1);
    expect(await worker().ask("/abort", { identity: "kept", object })).toBe("ended");
    for (const check of checks) expect(await consumeOne(check, object)).toMatchObject({ allowed: false });
  });

  test.each(["WATCHED", "WITHOUT_SQL"])("may be the longest log that a policy can have: %s", async (object) => {
    const check = { identity: "long log", limit: limitOf("sliding-log", 10_000, hourMs), cost: 9_999 };
    expect(await consumeOne(check, object)).toMatchObject({ allowed: true, remaining: 1 });
    await worker().ask("/abort", { identity: "long log", object });
    expect(await consumeOne({ ...check, cost: 1 }, object)).toMatchObject({ allowed: true, remaining: 0 });
    expect(await consumeOne({ ...check, cost: 1 }, object)).toMatchObject({ allowed: false, remaining: 0 });
  });

  test("survives a new process, and its alarm does", async () => {
    const { alarmMs } = await stored("kept");
    expect(alarmMs).toEqual(expect.any(Number));
    await worker().restart();
    for (const check of checks) expect(await consumeOne(check)).toMatchObject({ allowed: false });
    expect((await stored("kept")).alarmMs).toBe(alarmMs);
  });
});

describe("the alarm of an object", () => {
  async function alarmAfterSeconds(identity: string, windowMs: number, object = "WATCHED"): Promise<number> {
    const startMs = Date.now();
    await consumeOne({ identity, limit: limitOf("fixed-window", 5, windowMs), cost: 1 }, object);
    return Math.round((((await stored(identity, object)).alarmMs ?? 0) - startMs) / 1000);
  }

  test("comes when the state has run out, and at most once a minute", async () => {
    expect(await alarmAfterSeconds("short", 1000)).toBe(60);
    expect(await alarmAfterSeconds("hour", hourMs)).toBe(3600);
  });

  test("may be a year away", async () => {
    const yearSeconds = 31_622_400;
    expect(await alarmAfterSeconds("year", yearSeconds * 1000)).toBe(yearSeconds);
  });

  test("is not moved by further requests, but for a state that runs out sooner", async () => {
    const check = { identity: "moved", limit: limitOf("gcra", 10, 10 * hourMs), cost: 5 };
    await consumeOne(check);
    const { alarmMs } = await stored("moved");
    await consumeOne({ ...check, cost: 1 });
    expect((await stored("moved")).alarmMs).toBe(alarmMs);
    expect(await alarmAfterSeconds("moved", hourMs)).toBe(3600);
  });

  test("is not moved by the requests after a new start either", async () => {
    const check = { identity: "resumed", limit: limitOf("gcra", 10, 10 * hourMs), cost: 5 };
    await consumeOne(check);
    const { alarmMs } = await stored("resumed");
    await worker().ask("/abort", { identity: "resumed" });
    expect(await consumeOne({ ...check, cost: 1 })).toMatchObject({ remaining: 4 });
    expect((await stored("resumed")).alarmMs).toBe(alarmMs);
  });

  test("is set again when the platform has given up on it", async () => {
    expect(await alarmAfterSeconds("given up", hourMs, "FORGOTTEN")).toBe(3600);
  });

  test("removes what has run out, keeps what has not, and in the end leaves no storage", async () => {
    const identity = "cleaned";
    const limits = [limitOf("fixed-window", 5, 700), limitOf("sliding-log", 5, 2600)];
    await consume(
      limits.map((limit) => ({ identity, limit, cost: 1 })),
      { object: "HASTY" },
    );
    const seen: (readonly string[])[] = [];
    await expect
      .poll(
        async () => {
          const { entries } = await stored(identity, "HASTY");
          seen.push(entries.map(([key]) => key));
          return entries.length;
        },
        { timeout: 8000, interval: 100 },
      )
      .toBe(0);
    expect(seen).toContainEqual([limits[1]?.id]);
    expect(await stored(identity, "HASTY")).toEqual({ entries: [], alarmMs: null });
  });

  test("has no say in decisions: an object that was cleaned counts on as it should", async () => {
    const check = { identity: "again", limit: limitOf("fixed-window", 3, 600), cost: 3 };
    for (let round = 0; round < 3; round++) {
      expect(await consumeOne(check, "HASTY")).toMatchObject({ allowed: true });
      expect(await consumeOne(check, "HASTY")).toMatchObject({ allowed: false });
      await expect.poll(async () => (await stored("again", "HASTY")).entries, { timeout: 5000 }).toEqual([]);
    }
  });
});
