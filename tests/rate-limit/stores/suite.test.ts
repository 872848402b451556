import { describe, expect, test } from "vitest";
import { memoryStore, type RateLimitStore, type Verdict } from "../../../src/index.ts";
import { fromCompareAndSet, type Versioned } from "../../../src/stores/index.ts";
import { manualClock, testStore } from "../../../src/testing.ts";

/** Runs the suite by hand, and gives the names of the tests that fail. */
async function failuresIn(makeStore: () => RateLimitStore): Promise<readonly string[]> {
  const tests = new Map<string, () => Promise<void>>();
  const register = (name: string, run: () => Promise<void>) => tests.set(name, run);
  testStore(makeStore, { test: register, algorithms: ["gcra"], operations: 300 });
  const failures: string[] = [];
  for (const [name, run] of tests) await run().catch(() => failures.push(name));
  return failures;
}

/** The same of the memory store, with a change. */
function failuresOf(change: (store: RateLimitStore) => Partial<RateLimitStore>): Promise<readonly string[]> {
  return failuresIn(() => {
    const store = memoryStore();
    return { ...store, ...change(store) };
  });
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
    [
      "takes upper and lower case for one",
      ({ consume }) => ({
        consume: (checks, options) =>
          consume(
            checks.map((check) => ({ ...check, identity: check.identity.toLowerCase() })),
            options,
          ),
      }),
      /keeps identities apart/,
    ],
    [
      "writes identities in UTF-8 as they are",
      ({ consume }) => ({
        consume: (checks, options) =>
          consume(
            checks.map((check) => ({ ...check, identity: check.identity.toWellFormed() })),
            options,
          ),
      }),
      /keeps identities apart/,
    ],
    ["gives less than nothing", saying(({ remaining }) => ({ remaining: (remaining ?? 0) - 1 })), /counts it down/],
    ["gives no number", saying(() => ({ resetMs: Number.NaN })), /never more than was taken/],
    ["gives nothing back", () => ({ refund: () => {} }), /gives back/],
    ["forgets nobody", () => ({ reset: () => {} }), /reset/],
    ["never answers", () => ({ consume: () => Promise.reject(new Error("down")) }), /the caller has gone/],
  ])("%s", async (_what, change, expected) => {
    const failures = await failuresOf(change);
    expect(failures.join("\n")).toMatch(expected);
  });
});

test.each<readonly [string, boolean, readonly string[]]>([
  ["checks the version", true, []],
  ["does not", false, ["gcra: admits exactly the quota of many concurrent requests over two stores that share it"]],
])(
  "of two stores over one database, whose commit %s, the suite finds what one alone does not show",
  async (_, checksVersion, expected) => {
    const states = new Map<string, Versioned<number>>();
    const find = (key: string): Versioned<number> => states.get(key) ?? { state: undefined, version: 0 };
    const makeStore = (): RateLimitStore =>
      fromCompareAndSet<number>({
        name: "shared",
        load: async (keys) => keys.map(find),
        async commit(writes) {
          if (checksVersion && writes.some(({ key, version }) => find(key).version !== version)) return false;
          for (const { key, state } of writes) states.set(key, { state, version: Math.random() });
          return true;
        },
      });
    expect(await failuresIn(makeStore)).toEqual(expected);
  },
);

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
  const made: RateLimitStore[] = [];
  const broken = (): RateLimitStore => {
    const store = { ...memoryStore(), consume: () => [] };
    made.push(store);
    return store;
  };
  testStore(broken, {
    test: (_name, run) => runs.push(run),
    algorithms: ["gcra"],
    close: (store) => void closed.add(store),
  });
  await Promise.allSettled(runs.map((run) => run()));
  expect(made.length).toBeGreaterThanOrEqual(runs.length);
  expect(made.filter((store) => !closed.has(store))).toEqual([]);
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
