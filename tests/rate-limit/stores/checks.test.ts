import { expect, test } from "vitest";
import { type LimitCheck, memoryStore, policy, type RateLimitStore, type Verdict } from "../../../src/index.ts";
import { get, ok, silent } from "../../lib/harness.ts";

const at = { clientIp: "192.0.2.1" };

/** The memory store, whose `consume` is another. */
function storeThat(
  consume: (checks: readonly LimitCheck[], count: () => readonly Verdict[]) => unknown,
): RateLimitStore {
  const memory = memoryStore();
  return {
    ...memory,
    consume: (checks, options) =>
      consume(checks, () => memory.consume(checks, options) as readonly Verdict[]) as readonly Verdict[], // it answers at once
  };
}

test("a store may freeze its checks, keep them, and finds nothing in them but what it has to know", async () => {
  const seen: LimitCheck[] = [];
  const store = storeThat((checks, count) => {
    for (const check of checks) seen.push(Object.freeze(check));
    return count();
  });
  const api = policy({ store, rateLimit: { limit: 1, windowSeconds: 60 }, onEvent: silent });
  expect((await api.run(get(), at, ok)).status).toBe(200);
  expect((await api.run(get(), at, ok)).status).toBe(429);
  expect(seen.map((check) => Object.keys(check).sort())).toEqual([
    ["cost", "identity", "limit"],
    ["cost", "identity", "limit"],
  ]);
});

test("a store may give a thenable whose then() gives nothing", async () => {
  // biome-ignore lint/suspicious/noThenProperty: query builders are such thenables
  const store = storeThat((_, count) => ({
    then: (give: (verdicts: readonly Verdict[]) => void) => void give(count()),
  }));
  const api = policy({ store, rateLimit: { limit: 1, windowSeconds: 60 }, onEvent: silent });
  expect((await api.run(get(), at, ok)).headers.get("x-ratelimit-remaining")).toBe("0");
  expect((await api.run(get(), at, ok)).status).toBe(429);
});
