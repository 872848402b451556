import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { LimitCheck, Verdict } from "../../../src/index.ts";
import { durableObjectStore } from "../../../src/rate-limit/stores/durable-object.ts";
import { expectProblem, issuesFrom } from "../../lib/harness.ts";
import { algorithms, limitOf } from "../algorithms/support.ts";
import { lawNames } from "./laws.ts";
import { type RunningWorker, startWorker } from "./workerd.ts";

const hourMs = 3_600_000;

let worker: RunningWorker;

beforeAll(async () => {
  worker = await startWorker("durable-object-worker.ts", {
    durableObjects: {
      WATCHED: { className: "Watched", useSQLite: true },
      WITHOUT_SQL: { className: "WithoutSql", useSQLite: false },
      HASTY: { className: "Hasty", useSQLite: true },
      BROKEN: "Broken",
      SILENT: "Silent",
      FOREIGN: "Foreign",
      REFUSING: "Refusing",
    },
  });
});
afterAll(() => worker?.stop());

interface Consumed {
  /** How many subrequests it took. */
  readonly calls: number;
  readonly verdicts: readonly (readonly Verdict[])[];
}

async function consume(
  checks: readonly LimitCheck[],
  more: { object?: string; times?: number } = {},
): Promise<Consumed> {
  return (await worker.ask("/consume", { checks, ...more })) as Consumed; // as the worker answers
}

async function consumeOne(check: LimitCheck, object = "WATCHED"): Promise<Verdict | undefined> {
  return (await consume([check], { object })).verdicts[0]?.[0];
}

interface StoredInObject {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly alarmMs: number | null;
}

async function stored(identity: string, object = "WATCHED"): Promise<StoredInObject> {
  return (await worker.ask("/stored", { identity, object })) as StoredInObject; // as the worker answers
}

function admitted({ verdicts }: Consumed): number {
  return verdicts.filter((decision) => decision.every(({ allowed }) => allowed)).length;
}

describe("by the suite for all stores", () => {
  describe("by the clock of the object", () => {
    it.concurrent.each(lawNames({ clock: "server" }))("%s", async (law) => {
      expect(await worker.ask("/law", { law, clock: "server" })).toBe("holds");
    });
  });
  describe("by a clock that is moved", () => {
    test.each(lawNames())("%s", async (law) => {
      expect(await worker.ask("/law", { law, clock: "caller" })).toBe("holds");
    });
  });
});

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

describe("what an object counted", () => {
  const checks = algorithms.map((algorithm) => ({ identity: "kept", limit: limitOf(algorithm, 2, hourMs), cost: 2 }));

  test.each(["WATCHED", "WITHOUT_SQL"])("survives the end of the object: %s", async (object) => {
    expect(admitted(await consume(checks, { object }))).toBe(1);
    expect(await worker.ask("/abort", { identity: "kept", object })).toBe("ended");
    for (const check of checks) expect(await consumeOne(check, object)).toMatchObject({ allowed: false });
  });

  test("survives a new process, and its alarm does", async () => {
    const { alarmMs } = await stored("kept");
    expect(alarmMs).toEqual(expect.any(Number));
    await worker.restart();
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

describe("a policy over it", () => {
  const send = (query: string, address = "192.0.2.1"): Promise<Response> =>
    fetch(new URL(`/api?${query}`, worker.url), { headers: { "x-test-address": address } });

  test("admits exactly the limit of 500 concurrent requests over HTTP", async () => {
    const responses = await Promise.all(Array.from({ length: 500 }, () => send("", "192.0.2.50")));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    expect(statuses.filter((status) => status === 429)).toHaveLength(450);
    expect((await send("", "192.0.2.51")).headers.get("ratelimit")).toBe('"closed";r=49;t=72');
  });

  test.each([
    ["throws", "BROKEN"],
    ["does not answer in time", "SILENT"],
    ["is of another class", "FOREIGN"],
    ["answers with an error", "REFUSING"],
  ])("has no store while the object %s", async (_what, object) => {
    const startMs = performance.now();
    await expectProblem(await send(`object=${object}&onUnavailable=closed`), 503, "limiter_unavailable");
    const open = await send(`object=${object}&onUnavailable=open`);
    expect([open.status, open.headers.get("ratelimit-policy"), open.headers.get("ratelimit")]).toEqual([
      200,
      '"open";q=50;w=3600',
      null,
    ]);
    const local = await send(`object=${object}&onUnavailable=local`);
    expect([local.status, local.headers.get("ratelimit")]).toEqual([200, '"local";r=49;t=72']);
    expect(performance.now() - startMs).toBeLessThan(3000);
  });
});

describe("durableObjectStore", () => {
  const namespace = {
    idFromName: (name: string): string => name,
    get: (): never => {
      throw new Error("must not be called");
    },
  };

  test.each([[undefined], [null], [{}], ["LIMITER"], [{ get: namespace.get }]])(
    "refuses what is no namespace: %j",
    (wrong) => {
      const issues = issuesFrom(() => durableObjectStore(wrong as typeof namespace)); // what plain JavaScript may pass
      expect(issues).toEqual([
        { path: "durableObjectStore", message: expect.stringMatching(/^the namespace has no idFromName/) },
      ]);
    },
  );

  test("refuses options that cannot work, all at once", () => {
    const options = { prefix: "{x}", timeoutMs: 0, location: "eu" };
    expect(issuesFrom(() => durableObjectStore(namespace, options)).map(({ path }) => path)).toEqual(
      ["prefix", "timeoutMs", "location"].map((key) => `durableObjectStore.${key}`),
    );
  });

  test("does nothing before the first decision, and says what it can", () => {
    expect(durableObjectStore(namespace, { prefix: "shop", timeoutMs: 100 })).toMatchObject({
      timeoutMs: 100,
      capabilities: { exact: true, atomic: false, remaining: true },
    });
    expect(durableObjectStore(namespace).timeoutMs).toBe(250);
  });
});
