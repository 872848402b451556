import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore, policy, type RateLimitOptions, type RateLimitStore } from "../../../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, tokens } from "../../lib/harness.ts";
import { at, now, recordingStore, setTime, statuses, take } from "../limits/support.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A distant store that can be switched off. */
function switchable(): RateLimitStore & { isDown: boolean } {
  const distant = recordingStore(250);
  const store = {
    ...distant,
    isDown: false,
    consume: (...args: Parameters<RateLimitStore["consume"]>) =>
      store.isDown ? Promise.reject(new Error("down")) : distant.consume(...args),
  };
  return store;
}

const down = (): RateLimitStore => Object.assign(switchable(), { isDown: true });
const hour = { windowSeconds: 3600 } as const;

test.each<readonly [Partial<RateLimitOptions>, number]>([
  [{ limit: 6 }, 6],
  [{ limit: 6, localShare: 0.5 }, 3],
  [{ limit: 5, localShare: 0.5 }, 2],
  [{ limit: 5, localShare: 0.01 }, 1],
  [{ limit: 8, burst: 4, localShare: 0.5 }, 2],
  [{ limit: 6, localShare: 0.5, cost: 2 }, 1],
  [{ limit: 6, localShare: 0.5, cost: 6 }, 1],
  [{ limit: 6, localShare: 0.5, algorithm: "sliding-log" }, 3],
  [{ limit: 6, localShare: 0.5, algorithm: "fixed-window" }, 3],
  [{ limit: 6, localShare: 0.5, algorithm: "sliding-window" }, 3],
])("the local limit of %j lets %i through, then refuses as any limit does", async (settings, admitted) => {
  const { events, onEvent } = recorder();
  const api = policy({ store: down(), rateLimit: { name: "a", limit: 1, ...hour, ...settings }, onEvent });
  expect(await statuses(api, admitted)).toEqual(Array.from({ length: admitted }, () => 200));
  const response = await take(api);
  const retryAfter = Number(response.headers.get("retry-after"));
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(response.headers.get("ratelimit")).toContain('"a";r=');
  expect(await expectProblem(response, 429, "rate_limited")).toMatchObject({ "violated-policies": ["a"] });
  expect(events.at(-1)).toMatchObject({ type: "limited", limits: ["a"] });
  setTime(retryAfter * 1000);
  expect((await take(api)).status).toBe(200);
});

test("other clients have local limits of their own", async () => {
  const api = policy({ store: down(), rateLimit: { limit: 1, ...hour }, onEvent: silent });
  const seen = [await take(api), await take(api), await take(api, get(), "192.0.2.2")];
  expect(seen.map(({ status }) => status)).toEqual([200, 429, 200]);
});

test("policies with different shares of one limit count apart", async () => {
  const store = down();
  const rateLimit = { limit: 100, windowSeconds: 60 };
  const all = policy({ store, rateLimit, onEvent: silent });
  const part = all.with({ rateLimit: { ...rateLimit, localShare: 0.25 } });
  const left = async (api: typeof all) => (await take(api)).headers.get("ratelimit");
  expect(await left(all)).toBe('"default";r=99;t=1');
  expect(await left(part)).toBe('"default";r=24;t=3');
  expect(await left(all)).toBe('"default";r=98;t=2');
});

test("what was counted locally is not counted in the store afterwards", async () => {
  const store = switchable();
  const api = policy({ store, rateLimit: { limit: 5, ...hour }, onEvent: silent });
  await take(api);
  store.isDown = true;
  await statuses(api, 5);
  store.isDown = false;
  setTime(1000);
  expect((await take(api)).headers.get("x-ratelimit-remaining")).toBe("3");
});

test("a client that the store had refused stays refused while the store is down", async () => {
  const store = switchable();
  const api = policy({ store, rateLimit: { limit: 1, ...hour, onUnavailable: "open" }, onEvent: silent });
  expect(await statuses(api, 2)).toEqual([200, 429]);
  store.isDown = true;
  expect(await statuses(api, 2)).toEqual([429, 429]);
  expect((await take(api, get(), "192.0.2.2")).status).toBe(200);
});

describe("limits with different outcomes in one step", () => {
  test("are closed when one is", async () => {
    const rateLimit = [
      { name: "a", limit: 5, ...hour, onUnavailable: "open" as const },
      { name: "b", limit: 5, ...hour, onUnavailable: "closed" as const },
      { name: "c", limit: 5, ...hour },
    ];
    await expectProblem(await take(policy({ store: down(), rateLimit, onEvent: silent })), 503, "limiter_unavailable");
  });

  test("count those that are local, and name those that are open", async () => {
    const rateLimit = [
      { name: "a", limit: 5, ...hour, onUnavailable: "open" as const },
      { name: "b", limit: 2, ...hour },
    ];
    const api = policy({ store: down(), rateLimit, onEvent: silent });
    const { headers } = await take(api);
    expect(headers.get("ratelimit-policy")).toBe('"a";q=5;w=3600, "b";q=2;w=3600');
    expect(headers.get("ratelimit")).toBe('"b";r=1;t=1800');
    expect(await statuses(api, 2)).toEqual([200, 429]);
  });
});

test("a store that fails in a later step leaves the numbers of the earlier one", async () => {
  const memory = memoryStore();
  const store: RateLimitStore = {
    ...memory,
    timeoutMs: 250,
    consume(checks, options) {
      if (checks.some(({ limit }) => limit.name === "user")) throw new Error("down");
      return memory.consume(checks, options);
    },
  };
  const rateLimit = [
    { name: "ip", limit: 5, ...hour },
    { name: "user", limit: 5, ...hour, by: "identity" as const, onUnavailable: "closed" as const },
  ];
  const api = policy({ auth: tokens, store, rateLimit, onEvent: silent });
  const response = await api.run(get("/", as("ann")), at, ok);
  expect(response.headers.get("ratelimit")).toBe('"ip";r=4;t=720');
  await expectProblem(response, 503, "limiter_unavailable");
});

test("limits that report say nothing of a store that an earlier step found down", async () => {
  const { events, onEvent } = recorder();
  const rateLimit = [
    { name: "ip", limit: 5, ...hour },
    { name: "user", limit: 5, ...hour, by: "identity" as const, mode: "report" as const },
  ];
  const api = policy({ auth: tokens, store: down(), rateLimit, onEvent });
  expect((await api.run(get("/", as("ann")), at, ok)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 10)); // a report does not wait, so what it tells comes later
  expect(events.map(({ type }) => type)).toEqual(["store_unavailable"]);
});
