import { describe, expect, test } from "vitest";
import { memoryStore, type RateLimitStore, type Verdict } from "../../../src/index.ts";
import { manualClock, testStore } from "../../../src/testing.ts";

/** Runs the suite by hand, and gives the names of the tests that fail. */
async function failuresOf(change: (store: RateLimitStore) => Partial<RateLimitStore>): Promise<readonly string[]> {
  const tests = new Map<string, () => Promise<void>>();
  const register = (name: string, run: () => Promise<void>) => tests.set(name, run);
  const makeStore = (): RateLimitStore => {
    const store = memoryStore();
    return { ...store, ...change(store) };
  };
  testStore(makeStore, { test: register, algorithms: ["gcra"], operations: 300 });
  const failures: string[] = [];
  for (const [name, run] of tests) await run().catch(() => failures.push(name));
  return failures;
}

/** Changes what a store says. */
function saying(change: (verdict: Verdict) => Partial<Verdict>): (store: RateLimitStore) => Partial<RateLimitStore> {
  return ({ consume }) => ({
    consume: async (...args) => (await consume(...args)).map((verdict) => ({ ...verdict, ...change(verdict) })),
  });
}

describe("the suite finds a store that", () => {
  test.each<[string, (store: RateLimitStore) => Partial<RateLimitStore>, RegExp]>([
    ["admits everybody", saying(() => ({ allowed: true })), /exactly the quota/],
    [
      "tells too short a time",
      saying(({ retryAfterMs }) => ({ retryAfterMs: retryAfterMs / 2 })),
      /waited retryAfterMs/,
    ],
    ["miscounts what is left", saying(({ remaining }) => ({ remaining: (remaining ?? 0) + 1 })), /counts it down/],
    [
      "decides each check alone",
      ({ consume }) => ({
        consume: async (checks, options) => {
          const verdicts = await Promise.all(checks.map((check) => consume([check], options)));
          return verdicts.flat();
        },
      }),
      /all checks of a decision or none/,
    ],
    [
      "consumes what it should only look at",
      ({ consume }) => ({
        consume: (checks, options) =>
          consume(
            checks.map((check) => ({ ...check, peek: false })),
            options,
          ),
      }),
      /when it peeks/,
    ],
    [
      "cuts identities at a colon",
      ({ consume }) => ({
        consume: (checks, options) =>
          consume(
            checks.map((check) => ({ ...check, identity: check.identity.split(":")[0] ?? "" })),
            options,
          ),
      }),
      /keeps identities apart/,
    ],
    [
      "reads before it writes",
      ({ consume }) => ({
        consume: async (checks, options) => {
          const peeked = await consume(
            checks.map((check) => ({ ...check, peek: true })),
            options,
          );
          await Promise.resolve();
          if (peeked.every(({ allowed }) => allowed)) await consume(checks, options);
          return peeked;
        },
      }),
      /concurrent requests/,
    ],
    ["gives nothing back", () => ({ refund: () => {} }), /gives back/],
    ["forgets nobody", () => ({ reset: () => {} }), /reset/],
    ["never answers", () => ({ consume: () => Promise.reject(new Error("down")) }), /the caller has gone/],
  ])("%s", async (_what, change, expected) => {
    const failures = await failuresOf(change);
    expect(failures.join("\n")).toMatch(expected);
  });
});

test("the suite passes a store that knows less, and says so", async () => {
  const failures = await failuresOf((store) => ({
    ...saying(() => ({ remaining: null }))(store),
    capabilities: { ...store.capabilities, remaining: false, exact: false },
  }));
  expect(failures).toEqual([]);
});

test("the suite calls close with each store, also when a test fails", async () => {
  const closed = new Set<RateLimitStore>();
  const runs: (() => Promise<void>)[] = [];
  const broken = (): RateLimitStore => ({ ...memoryStore(), consume: () => [] });
  testStore(broken, {
    test: (_name, run) => runs.push(run),
    algorithms: ["gcra"],
    close: (store) => void closed.add(store),
  });
  await Promise.allSettled(runs.map((run) => run()));
  expect(closed.size).toBe(runs.length);
});

describe("with a clock of its own, a store", () => {
  const serverClock = (): RateLimitStore => {
    const store = memoryStore();
    return {
      ...store,
      consume: (checks) => store.consume(checks, { nowMs: Date.now() }),
      refund: (checks) => store.refund?.(checks, { nowMs: Date.now() }),
    };
  };
  testStore(serverClock, { test, clock: "server" });
});

describe("manualClock", () => {
  test("stands still until it is moved, on or back", () => {
    const clock = manualClock(1000);
    expect([clock.nowMs, clock.nowMs]).toEqual([1000, 1000]);
    clock.advance(500);
    expect(clock.nowMs).toBe(1500);
    clock.advance(-600);
    expect(clock.nowMs).toBe(900);
    clock.set(5);
    expect(clock.nowMs).toBe(5);
    expect(manualClock().nowMs).toBe(manualClock().nowMs);
  });
});
