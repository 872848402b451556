import { describe, expect, test } from "vitest";
import {
  type Limit,
  memoryStore,
  type RateLimitAlgorithm,
  type RateLimitStore,
  type Verdict,
} from "../../src/index.ts";
import { issuesFrom } from "../lib/harness.ts";

const start = 1_763_769_600_000;
const limit: Limit = {
  id: "x:gcra:10/10/10",
  name: "x",
  algorithm: "gcra",
  limit: 10,
  windowMs: 10_000,
  burst: 10,
  isAligned: false,
};

function consume(store: RateLimitStore, identity: string, nowMs: number, of = limit): Verdict {
  const [verdict] = store.consume([{ identity, limit: of, cost: 1 }], { nowMs }) as readonly Verdict[]; // memory is synchronous
  if (verdict === undefined) throw new Error("no verdict");
  return verdict;
}

function exhaust(store: RateLimitStore, identity: string, nowMs: number): void {
  for (let count = 0; count < 10; count++) consume(store, identity, nowMs);
  expect(consume(store, identity, nowMs).allowed).toBe(false);
}

const randomKeys = (count: number): string[] => Array.from({ length: count }, (_, index) => `flood-${index}`);

test("clients with long names that have paid off leave their room to others", () => {
  const store = memoryStore({ maxKeys: 10_000 });
  const once: Limit = { ...limit, limit: 1, burst: 1 };
  for (let round = 0; round < 3; round++)
    for (let index = 0; index < 1000; index++)
      consume(store, `${round}-${index}-${"x".repeat(1000)}`, start + round * 20_000, once);
  const isAllowed = (key: string): boolean => consume(store, key, start + 60_000, once).allowed;
  expect(randomKeys(5000).every(isAllowed)).toBe(true); // they would not be in the buckets that further clients share
});

describe("a flood of 200,000 new clients", () => {
  test("never resets a limit that was reached before it", () => {
    const store = memoryStore({ maxKeys: 1000 });
    exhaust(store, "victim", start);
    for (const [index, key] of randomKeys(200_000).entries()) {
      consume(store, key, start + Math.floor(index / 400)); // half a second
      if (index % 10_000 === 0) expect(consume(store, "victim", start + Math.floor(index / 400)).allowed).toBe(false);
    }
    expect(consume(store, "victim", start + 999).allowed).toBe(false);
    expect(consume(store, "victim", start + 1000).allowed).toBe(true);
  });

  test("gives no limited client of the flood itself a new quota", () => {
    const store = memoryStore({ maxKeys: 1000 });
    for (const key of randomKeys(1000)) consume(store, key, start);
    exhaust(store, "late", start);
    for (const key of randomKeys(200_000)) consume(store, key, start);
    expect(consume(store, "late", start + 999).allowed).toBe(false);
  });

  test("holds the memory of at most maxKeys clients", () => {
    const store = memoryStore({ maxKeys: 1000 });
    global.gc?.();
    for (const key of randomKeys(2000)) consume(store, key, start);
    const before = process.memoryUsage().heapUsed;
    for (const key of randomKeys(200_000)) consume(store, key, start);
    global.gc?.();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60 * 1024 * 1024); // keys alone of 200,000 kept: more
    const fresh = randomKeys(200_000).filter((key) => consume(store, key, start + 1).remaining === 9);
    expect(fresh.length).toBeLessThan(5000); // whoever is not kept shares a bucket, and none starts clean
  });
});

const algorithms: readonly RateLimitAlgorithm[] = ["gcra", "fixed-window", "sliding-window", "sliding-log"];

describe.each(algorithms)("a flood of 100,000 new clients under %s", (algorithm) => {
  const of: Limit = { ...limit, id: `flooded:${algorithm}`, algorithm, windowMs: 1_000_000 };

  test("neither resets nor frees a limited client, and what paid off makes room", () => {
    const store = memoryStore({ maxKeys: 1000 });
    const take = (identity: string, nowMs: number): boolean => consume(store, identity, nowMs, of).allowed;
    for (let count = 0; count < 10; count++) expect(take("victim", start)).toBe(true);
    for (const [index, key] of randomKeys(100_000).entries()) {
      take(key, start + 1000);
      if (index % 1000 === 0) expect(take("victim", start + 1000)).toBe(false);
    }
    for (let count = 0; count < 10; count++) take("late", start + 1000);
    for (const key of randomKeys(5000)) take(key, start + 1001);
    expect(take("late", start + 1001)).toBe(false);
    const muchLater = start + 10_000_000;
    // Two are swept for each new client: then all of these have buckets of their own.
    for (let index = 0; index < 1000; index++) take(`sweep-${index}`, muchLater);
    for (let count = 0; count < 10; count++) expect(take("own", muchLater)).toBe(true);
    expect(take("own", muchLater)).toBe(false);
  });
});

test("a flood of clients with very long names fills the memory sooner, and resets nobody", () => {
  const store = memoryStore({ maxKeys: 1000 });
  exhaust(store, "victim", start);
  const names = Array.from({ length: 500 }, (_, index) => `${index}${"x".repeat(8000)}`);
  for (const name of names) consume(store, name, start);
  store.reset?.(names.slice(15).map((identity) => ({ identity, limit }))); // empties the shared buckets
  const left = names.slice(0, 16).map((name) => consume(store, name, start).remaining);
  expect(left).toEqual([...new Array(15).fill(8), 9]); // room for 1000 names of 128 characters: the last has no own bucket
  expect(consume(store, "victim", start).allowed).toBe(false);
  for (let index = 0; index < 20; index++) consume(store, `new-${index}`, start + 20_000); // sweeps out who has paid
  for (const name of names.slice(0, 15)) exhaust(store, name, start + 20_000);
});

test("a client limited in a shared bucket stays limited when room appears", () => {
  const store = memoryStore({ maxKeys: 1000 });
  for (const key of randomKeys(1000)) consume(store, key, start);
  exhaust(store, "late", start + 500);
  // At 1,100 ms the 1,000 have paid; a new client sweeps some of them out, and there is room again.
  for (const key of ["new-1", "new-2", "new-3"]) consume(store, key, start + 1100);
  expect(consume(store, "late", start + 1100).allowed).toBe(false);
  expect(consume(store, "late", start + 1500).allowed).toBe(true);
});

test("clients that have paid make room for new ones with buckets of their own", () => {
  const store = memoryStore({ maxKeys: 1000 });
  for (let round = 0; round < 5; round++) {
    const nowMs = start + round * 20_000;
    for (let index = 0; index < 1000; index++) {
      expect(consume(store, `round-${round}-${index}`, nowMs)).toMatchObject({ allowed: true, remaining: 9 });
    }
  }
});

test("two limits keep the same client in two buckets", () => {
  const store = memoryStore();
  exhaust(store, "a", start);
  expect(consume(store, "a", start, { ...limit, id: "y:gcra:10/10/10" }).allowed).toBe(true);
  expect(consume(store, "b", start).allowed).toBe(true);
});

test.each(["__proto__", "constructor", "", "a\0b"])("%j is a client like any other", (identity) => {
  const store = memoryStore();
  exhaust(store, identity, start);
  expect(consume(store, "other", start).remaining).toBe(9);
});

describe("several checks", () => {
  const tight: Limit = { ...limit, id: "tight", limit: 1, burst: 1 };
  const both = [
    { identity: "a", limit, cost: 1 },
    { identity: "a", limit: tight, cost: 1 },
  ];

  test("are all consumed or none, and the one that had room shows what it keeps", () => {
    const store = memoryStore();
    const take = (): readonly Verdict[] => store.consume(both, { nowMs: start }) as readonly Verdict[]; // memory is synchronous
    expect(take().map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 9],
      [true, 0],
    ]);
    for (let count = 0; count < 20; count++) {
      expect(take().map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 9],
        [false, 0],
      ]);
    }
    expect(consume(store, "a", start).remaining).toBe(8);
  });

  test("gives as many verdicts as checks, in their order", () => {
    const verdicts = memoryStore().consume([...both].reverse(), { nowMs: start }) as readonly Verdict[]; // as above
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([0, 9]);
  });
});

test("says what it can", () => {
  expect(memoryStore()).toMatchObject({
    name: "memory",
    capabilities: {
      algorithms: ["gcra", "fixed-window", "sliding-window", "sliding-log"],
      exact: true,
      atomic: true,
      remaining: true,
    },
  });
});

test.each([999, 10_000_001, 1.5, -1, "1000", null, Number.NaN])("refuses maxKeys: %j", (maxKeys) => {
  const issues = issuesFrom(() => memoryStore({ maxKeys: maxKeys as number })); // JavaScript callers have no types
  expect(issues).toEqual([
    { path: "memoryStore.maxKeys", message: expect.stringMatching(/whole number from 1000 to 10000000/) },
  ]);
});

test("refuses an option that it does not know, and one that is undefined", () => {
  expect(issuesFrom(() => memoryStore({ max: 1 } as object))[0]?.path).toBe("memoryStore.max");
  expect(issuesFrom(() => memoryStore({ maxKeys: undefined } as object))[0]?.message).toMatch(/is undefined/);
});

test.each([1000, 10_000_000])("accepts maxKeys: %i, at the bounds", (maxKeys) => {
  expect(issuesFrom(() => memoryStore({ maxKeys }))).toEqual([]);
});
