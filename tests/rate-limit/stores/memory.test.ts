import { describe, expect, test } from "vitest";
import { memoryStore, type Verdict } from "../../../src/index.ts";
import { testStore } from "../../../src/testing.ts";
import { algorithms, limitOf, start } from "../algorithms/support.ts";

testStore(() => memoryStore(), { test, operations: 5000 });

describe("a store that is nearly empty of room", () => {
  // The laws use few identities: here, all but the first of them share buckets.
  const crowded = () => {
    const store = memoryStore({ maxKeys: 1000 });
    for (const algorithm of algorithms) {
      for (let index = 0; index < 1000; index++) {
        const limit = limitOf(algorithm, 10, 1_000_000_000_000);
        store.consume([{ identity: `${index}`, limit, cost: 1 }], { nowMs: start });
      }
    }
    return store;
  };

  test.each(algorithms)("%s: limits, refunds and resets who has only a shared bucket", (algorithm) => {
    const store = crowded();
    const limit = limitOf(algorithm, 10, 1_000_000_000_000);
    const check = { identity: "late", limit, cost: 10 };
    const consume = (): Verdict | undefined => (store.consume([check], { nowMs: start }) as readonly Verdict[])[0]; // memory is synchronous
    expect(consume()?.allowed).toBe(true);
    expect(consume()?.allowed).toBe(false);
    store.refund?.([check], { nowMs: start });
    expect(consume()?.allowed).toBe(true);
    expect(consume()?.allowed).toBe(false);
    store.reset?.([check]);
    expect(consume()?.allowed).toBe(true);
  });
});
