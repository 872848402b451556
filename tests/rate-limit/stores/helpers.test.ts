import { describe, expect, test } from "vitest";
import type { LimitCheck, RateLimitStore } from "../../../src/index.ts";
import { fromCompareAndSet, fromTransaction, keyOf, type LimitState } from "../../../src/stores/index.ts";
import { testStore } from "../../../src/testing.ts";
import { issuesFrom } from "../../lib/harness.ts";
import { limitOf, start } from "../algorithms/support.ts";

/** A store in a Map: what `fromTransaction` needs at least. */
function mapStore(states = new Map<string, LimitState>(), ttls: number[] = []): RateLimitStore {
  return fromTransaction({
    name: "map",
    transact: (work) =>
      work({
        get: (key) => states.get(key),
        set(key, state, ttlMs) {
          states.set(key, state);
          ttls.push(ttlMs);
        },
        delete: (key) => void states.delete(key),
      }),
  });
}

interface Versions {
  readonly states: Map<string, { readonly state: LimitState | undefined; readonly version: number }>;
  loads: number;
  commits: number;
}

/** A store with versions that answers late, as a database does. `interfere` runs between load and commit. */
function versionedStore(
  interfere: () => void = () => {},
  maxAttempts = 32,
): RateLimitStore & { readonly db: Versions } {
  const db: Versions = { states: new Map(), loads: 0, commits: 0 };
  const find = (key: string) => db.states.get(key) ?? { state: undefined, version: 0 };
  const store = fromCompareAndSet<number>({
    name: "versions",
    maxAttempts,
    async load(keys) {
      db.loads++;
      await Promise.resolve();
      return keys.map(find);
    },
    async commit(writes) {
      db.commits++;
      await Promise.resolve();
      interfere();
      if (writes.some(({ key, version }) => find(key).version !== version)) return false;
      for (const { key, state, version } of writes) db.states.set(key, { state, version: version + 1 });
      return true;
    },
  });
  return { ...store, db };
}

describe("fromTransaction over a Map", () => {
  testStore(() => mapStore(), { test });

  test("keeps each state no longer than its limit needs it", () => {
    const ttls: number[] = [];
    const store = mapStore(new Map(), ttls);
    store.consume([{ identity: "a", limit: limitOf("fixed-window", 5, 1000), cost: 1 }], { nowMs: start });
    store.consume([{ identity: "a", limit: limitOf("gcra", 10, 1000), cost: 1 }], { nowMs: start });
    expect(ttls).toEqual([1000, 100]);
  });

  test("writes nothing for a refusal, a peek and a cost of 0", () => {
    const ttls: number[] = [];
    const store = mapStore(new Map(), ttls);
    const check = { identity: "a", limit: limitOf("gcra", 1, 1000), cost: 1 };
    for (const variant of [check, check, { ...check, peek: true }, { ...check, cost: 0 }]) {
      store.consume([variant], { nowMs: start });
    }
    expect(ttls).toHaveLength(1);
  });

  test("deletes what was given back", () => {
    const states = new Map<string, LimitState>();
    const store = mapStore(states);
    const check = { identity: "a", limit: limitOf("sliding-log", 5, 1000), cost: 2 };
    store.consume([check], { nowMs: start });
    expect(states.size).toBe(1);
    store.refund?.([check], { nowMs: start });
    expect(states.size).toBe(0);
  });
});

describe("fromCompareAndSet over versions", () => {
  testStore(() => versionedStore(), { test });

  const check: LimitCheck = { identity: "a", limit: limitOf("gcra", 50, 3_600_000), cost: 1 };

  test("makes requests of this process for one key wait for each other", async () => {
    const store = versionedStore();
    await Promise.all(Array.from({ length: 200 }, () => store.consume([check], { nowMs: start })));
    expect(store.db.loads).toBe(200);
    expect(store.db.commits).toBe(50);
  });

  test("tries again when another process was faster", async () => {
    let others = 3;
    const store = versionedStore(() => {
      if (others-- > 0) store.db.states.set(keyOf("mantlet", check), { state: undefined, version: 100 + others });
    });
    const [verdict] = await store.consume([check], { nowMs: start });
    expect(verdict).toMatchObject({ allowed: true, remaining: 49 });
    expect(store.db.commits).toBe(4);
  });

  test("gives up when others are always faster, and has consumed nothing", async () => {
    let version = 1;
    const store = versionedStore(() => {
      store.db.states.set(keyOf("mantlet", check), { state: undefined, version: version++ });
    }, 3);
    await expect(store.consume([check], { nowMs: start })).rejects.toThrow(/versions: gave up after 3 attempts/);
    expect(store.db.commits).toBe(3);
  });

  test("a failure of one request does not stop those that wait behind it", async () => {
    let failures = 1;
    const store = versionedStore(() => {
      if (failures-- > 0) throw new Error("the line was cut");
    });
    const results = await Promise.allSettled([1, 2, 3].map(() => store.consume([check], { nowMs: start })));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });

  test("does not begin for a caller that has gone", async () => {
    const store = versionedStore();
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(store.consume([check], { nowMs: start, signal })).rejects.toThrow("gone");
    expect(store.db.loads).toBe(0);
  });

  test("does not consume for a caller that goes while it loads", async () => {
    const gone = new AbortController();
    const store = versionedStore();
    const answer = Promise.resolve(store.consume([check], { nowMs: start, signal: gone.signal }));
    gone.abort(new Error("gone"));
    await expect(answer).rejects.toThrow("gone");
    expect(store.db.commits).toBe(0);
  });
});

describe("options that cannot work", () => {
  const work = (): never => {
    throw new Error("must not be called");
  };
  const paths = (construct: () => unknown): readonly string[] => issuesFrom(construct).map(({ path }) => path);

  test("are refused all at once, by their names", () => {
    const transaction = { name: "", transact: 1, prefix: "a{b}", timeoutMs: 0, more: 1 } as object; // callers of JavaScript
    expect([...paths(() => fromTransaction(transaction as never))].sort()).toEqual(
      ["more", "name", "prefix", "timeoutMs", "transact"].map((key) => `fromTransaction.${key}`),
    );
    expect(paths(() => fromCompareAndSet({ name: "x", load: work } as never))).toEqual(["fromCompareAndSet.commit"]);
    expect(paths(() => fromCompareAndSet({ name: "x", load: work, commit: work, maxAttempts: 0 }))).toEqual([
      "fromCompareAndSet.maxAttempts",
    ]);
  });

  test("do not include any that can: nothing is called before the first decision", () => {
    expect(fromTransaction({ name: "x", transact: work, prefix: "p", timeoutMs: 100 })).toMatchObject({
      name: "x",
      timeoutMs: 100,
    });
    expect(fromCompareAndSet({ name: "y", load: work, commit: work })).not.toHaveProperty("timeoutMs");
  });
});

describe("keyOf", () => {
  const limit = { ...limitOf("gcra", 1, 1000), id: "l" };
  const key = (identity: string, id = "l"): string => keyOf("p", { identity, limit: { ...limit, id } });

  test("has the identity and its length in a hash tag", () => {
    expect(key("203.0.113.7")).toBe("p:{11:203.0.113.7}:l");
    expect(key("")).toBe("p:{0:}:l");
  });

  test("is another for each pair of identity and limit", () => {
    const texts = [
      "",
      "a",
      "l",
      "}:l",
      "a}:l",
      "1:a",
      "{1:a}",
      "\ud800",
      "%ud800",
      "%u0025ud800",
      "\udc00",
      "~",
      "é",
      "e\u0301",
    ];
    const keys = texts.flatMap((identity) => texts.map((id) => key(identity, id)));
    expect(new Set(keys.map((text) => Buffer.from(text).toString("hex"))).size).toBe(
      texts.length ** 2 - lostByUtf8(texts, key),
    );
  });

  test("lets all keys of an identity share a slot of Redis Cluster, also with braces in it", () => {
    const tag = (text: string): string | undefined => /\{([^}]+)\}/.exec(text)?.[1];
    for (const identity of ["", "a", "{", "}", "a}b", "{}{}"]) {
      expect(tag(key(identity, "one"))).toBe(tag(key(identity, "two")));
      expect(tag(key(identity))).toMatch(/^\d+:/);
    }
  });
});

/** Limit ids with unpaired surrogates, which nobody can configure, become one in UTF-8. */
function lostByUtf8(texts: readonly string[], key: (identity: string, id: string) => string): number {
  const ids = texts.map((id) => Buffer.from(key("x", id)).toString("hex"));
  return (ids.length - new Set(ids).size) * texts.length;
}
