import { expect, test } from "vitest";
import {
  type LimitCheck,
  memoryStore,
  type Policy,
  policy,
  type RateLimitStore,
  type Verdict,
} from "../../../src/index.ts";
import { expectProblem, get, ok, silent, thenable } from "../../lib/harness.ts";

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
  const store = storeThat((_, count) => thenable((give) => give(count())));
  const api = policy({ store, rateLimit: { limit: 1, windowSeconds: 60 }, onEvent: silent });
  expect((await api.run(get(), at, ok)).headers.get("x-ratelimit-remaining")).toBe("0");
  expect((await api.run(get(), at, ok)).status).toBe(429);
});

test.each([
  ["throws", () => fail()],
  ["rejects", async () => fail()],
  ["gives too few verdicts", () => []],
  ["resolves to too few verdicts", async () => []],
  ["resolves to what is no verdict", async () => [{ allowed: "yes" }]],
])("a store that %s is down: this process counts, or nobody gets in", async (_, consume) => {
  const limited = (onUnavailable: "local" | "closed"): Policy =>
    policy({ store: storeThat(consume), rateLimit: { limit: 1, windowSeconds: 60, onUnavailable }, onEvent: silent });
  const local = limited("local");
  expect((await local.run(get(), at, ok)).status).toBe(200);
  expect((await local.run(get(), at, ok)).status).toBe(429);
  await expectProblem(await limited("closed").run(get(), at, ok), 503, "limiter_unavailable");
});

test.each<readonly [string, Partial<Verdict>]>([
  ["leaves them out", { remaining: undefined as never, resetMs: undefined as never }], // what JavaScript callers may write
  ["gives NaN", { remaining: Number.NaN, resetMs: Number.NaN }],
  ["gives negative numbers", { remaining: -1, resetMs: -1 }],
  ["gives fractions of a request", { remaining: 1.5 }],
  ["gives texts", { remaining: "1" as never, resetMs: "1" as never }],
  ["gives what no field can carry", { resetMs: Number.POSITIVE_INFINITY }],
  ["gives too many digits", { resetMs: 1e300 }],
])("of a store that knows what is left, and %s, only the decision is told", async (_, odd) => {
  const rateLimitFields = ["draft-11", "draft-6", "x-ratelimit"] as const;
  for (const allowed of [true, false]) {
    const verdict = { allowed, remaining: 1, retryAfterMs: 0, resetMs: 1000, ...odd };
    const rateLimit = { limit: 5, windowSeconds: 60 };
    const api = policy({ store: storeThat(() => [verdict]), rateLimit, rateLimitFields, onEvent: silent });
    const { status, headers } = await api.run(get(), at, ok);
    expect(status).toBe(allowed ? 200 : 429);
    expect([...headers.keys()].filter((name) => /ratelimit/.test(name))).toEqual(["ratelimit-policy"]);
  }
});

test.each([
  [Number.NaN, "1"],
  [-5000, "1"],
  [0, "1"],
  [0.5, "1"],
  [1000.5, "2"],
  [1e300, "2147483648"],
  [Number.POSITIVE_INFINITY, "2147483648"],
])("a refusal whose retry time is %s says Retry-After: %s", async (retryAfterMs, expected) => {
  const verdict = { allowed: false, remaining: 0, retryAfterMs, resetMs: retryAfterMs };
  const api = policy({
    store: storeThat(() => [verdict]),
    rateLimit: { limit: 5, windowSeconds: 60 },
    onEvent: silent,
  });
  const response = await api.run(get(), at, ok);
  expect(response.headers.get("retry-after")).toBe(expected);
  await expectProblem(response, 429, "rate_limited");
});

function fail(): never {
  throw new Error("the store is gone");
}
