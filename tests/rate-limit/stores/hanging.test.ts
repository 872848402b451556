import { expect, test } from "vitest";
import type { RateLimitStore } from "../../../src/index.ts";
import { fromCompareAndSet, type LimitState } from "../../../src/stores/index.ts";
import { limitOf, start } from "../algorithms/support.ts";

const check = { identity: "a", limit: limitOf("gcra", 50, 3_600_000), cost: 1 };

test.each(["load", "commit"] as const)("a %s that never ends holds up nobody whose caller waits", async (stuck) => {
  const { store, hangs } = hangingStore(stuck);
  const gone = new AbortController();
  void store.consume([check], { nowMs: start, signal: gone.signal });
  const waiting = store.consume([check], { nowMs: start });
  await hangs;
  gone.abort(new Error("gone"));
  expect(await waiting).toMatchObject([{ allowed: true, remaining: 49 }]);
  expect(await store.consume([check], { nowMs: start })).toMatchObject([{ allowed: true, remaining: 48 }]);
});

/** A store whose database never answers the first call of that kind. */
function hangingStore(stuck: "load" | "commit"): { readonly store: RateLimitStore; readonly hangs: Promise<void> } {
  const states = new Map<string, LimitState | undefined>();
  let reached = (): void => {};
  const hangs = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let isStuck = true;
  const call = <T>(name: string, work: () => T): T | Promise<T> => {
    if (!isStuck || name !== stuck) return work();
    isStuck = false;
    reached();
    return new Promise<T>(() => {});
  };
  const store = fromCompareAndSet<undefined>({
    name: "hanging",
    load: (keys) => call("load", () => keys.map((key) => ({ state: states.get(key), version: undefined }))),
    commit: (writes) =>
      call("commit", () => {
        for (const { key, state } of writes) states.set(key, state);
        return true;
      }),
  });
  return { store, hangs };
}
