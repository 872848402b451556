import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { policy, type RateLimitStore } from "../../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../../lib/harness.ts";
import { at, now, recordingStore, setTime, take } from "./support.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

const two = { limit: 2, windowSeconds: 61 } as const;

test("a distant store is not asked again for a client that it refused, until that may come back", async () => {
  const store = recordingStore(250);
  const { events, onEvent } = recorder();
  const api = policy({ store, rateLimit: two, onEvent });
  for (let count = 0; count < 3; count++) await take(api);
  expect(store.asked).toHaveLength(3);
  for (const elapsedMs of [0, 10_000, 30_499]) {
    setTime(elapsedMs);
    const response = await take(api);
    const left = Math.max(1, Math.ceil((30_500 - elapsedMs) / 1000));
    expect(response.headers.get("retry-after")).toBe(String(left));
    expect(response.headers.get("ratelimit")).toBe(`"default";r=0;t=${left}`);
    await expectProblem(response, 429, "rate_limited");
  }
  expect(store.asked).toHaveLength(3);
  expect(events.map(({ type }) => type)).toEqual(["limited", "limited", "limited", "limited"]);
  setTime(30_500);
  expect((await take(api)).status).toBe(200);
  expect(store.asked).toHaveLength(4);
});

test("other clients and other limits are asked for", async () => {
  const store = recordingStore(250);
  const api = policy({ store, rateLimit: two, onEvent: silent });
  for (let count = 0; count < 4; count++) await take(api);
  expect((await take(api, get(), "192.0.2.2")).status).toBe(200);
  expect(store.asked).toHaveLength(4);
  const other = api.prepare({ rateLimit: { name: "other", ...two } }, ok);
  const response = await other.run(get(), at);
  expect(response.status).toBe(429);
  expect(store.asked).toHaveLength(4); // refused by the first, so nothing is taken from the other
});

test("a request that costs less than the refused one is asked for, one that costs more is not", async () => {
  const store = recordingStore(250);
  const costs: Record<string, number> = { "/1": 1, "/3": 3, "/4": 4 };
  const rateLimit = { limit: 4, windowSeconds: 3600, cost: ({ path }: { path: string }) => costs[path] ?? 0 };
  const api = policy({ store, rateLimit, onEvent: silent });
  const seen: (readonly [string, number, number])[] = [];
  for (const path of ["/3", "/3", "/3", "/4", "/1", "/1", "/0"]) {
    const { status } = await take(api, get(path));
    seen.push([path, status, store.asked.length]);
  }
  expect(seen).toEqual([
    ["/3", 200, 1],
    ["/3", 429, 2],
    ["/3", 429, 2],
    ["/4", 429, 2],
    ["/1", 200, 3],
    ["/1", 429, 4],
    ["/0", 200, 5],
  ]);
});

test("a client that comes in at a lower cost is told a later time for the higher one, and what it has left", async () => {
  const store = recordingStore(250);
  const costs: Record<string, number> = { "/1": 1, "/5": 5, "/7": 7 };
  const rateLimit = { limit: 10, windowSeconds: 3600, cost: ({ path }: { path: string }) => costs[path] ?? 0 };
  const api = policy({ store, rateLimit, onEvent: silent });
  const seen: unknown[] = [];
  for (const path of ["/5", "/1", "/5", "/5", "/7", "/1", "/5", "/5"]) {
    const { headers } = await take(api, get(path));
    seen.push([path, headers.get("ratelimit"), headers.get("retry-after"), store.asked.length]);
  }
  expect(seen).toEqual([
    ["/5", '"default";r=5;t=1800', null, 1],
    ["/1", '"default";r=4;t=2160', null, 2],
    ["/5", '"default";r=4;t=360', "360", 3],
    ["/5", '"default";r=4;t=360', "360", 3],
    ["/7", '"default";r=4;t=1080', "1080", 3],
    ["/1", '"default";r=3;t=2520', null, 4],
    ["/5", '"default";r=3;t=720', "720", 5],
    ["/5", '"default";r=3;t=720', "720", 5],
  ]);
});

test.each(["sliding-window", "sliding-log"] as const)(
  "under %s a request that costs more than the refused one is never told to come too early",
  async (algorithm) => {
    const store = recordingStore(250);
    const cost = ({ path }: { path: string }): number => Number(path.slice(1));
    const api = policy({ store, rateLimit: { limit: 4, windowSeconds: 60, algorithm, cost }, onEvent: silent });
    for (const [path, elapsedMs] of [
      ["/1", 0],
      ["/3", 30_000],
      ["/1", 30_000],
    ] as const) {
      setTime(elapsedMs);
      await take(api, get(path));
    }
    const response = await take(api, get("/4"));
    await expectProblem(response, 429, "rate_limited");
    setTime(30_000 + Number(response.headers.get("retry-after")) * 1000);
    expect((await take(api, get("/4"))).status).toBe(200);
  },
);

test("names of clients that are very long do not fill the memory", async () => {
  const store = recordingStore(250);
  const rateLimit = { limit: 1, windowSeconds: 60, dangerouslyBy: (request: Request) => request.url };
  const api = policy({ store, rateLimit, onEvent: silent });
  const long = "x".repeat(10_000);
  for (let index = 0; index < 200; index++) for (const _ of "ab") await api.run(get(`/${index}${long}`), at, ok);
  const before = store.asked.length;
  for (let index = 0; index < 200; index++) await api.run(get(`/${index}${long}`), at, ok);
  expect(store.asked.length - before).toBeGreaterThan(50); // 1.3 million characters are remembered of 2
  expect(store.asked.length - before).toBeLessThan(100);
});

test("of several limits, the one that refused is remembered, and no numbers are invented for the others", async () => {
  const store = recordingStore(250);
  const rateLimit = [
    { name: "minute", limit: 1, windowSeconds: 60 },
    { name: "day", limit: 100, windowSeconds: 86_400 },
  ];
  const api = policy({ store, rateLimit, onEvent: silent });
  await take(api);
  const asked = await take(api);
  expect(asked.headers.get("ratelimit")).toMatch(/^"minute";r=0;t=60, "day";r=99;t=\d+$/);
  const remembered = await take(api);
  expect(remembered.headers.get("ratelimit")).toBe('"minute";r=0;t=60');
  expect(remembered.headers.get("ratelimit-policy")).toBe('"minute";q=1;w=60, "day";q=100;w=86400');
  expect(await expectProblem(remembered, 429, "rate_limited")).toMatchObject({ "violated-policies": ["minute"] });
  expect(store.asked).toHaveLength(2);
});

test("a client that waits as long as it was told after a slow decision is admitted", async () => {
  const memory = recordingStore(10_000);
  const store = {
    ...memory,
    consume: (...[checks, options]: Parameters<typeof memory.consume>) => {
      vi.setSystemTime(Date.now() + 900); // the way there and back, the store's clock being its own
      return memory.consume(checks, { ...options, nowMs: Date.now() });
    },
  };
  const api = policy({ store, rateLimit: { limit: 1, windowSeconds: 60 }, onEvent: silent });
  await take(api);
  await take(api);
  const remembered = await take(api);
  vi.setSystemTime(Date.now() + Number(remembered.headers.get("retry-after")) * 1000);
  expect((await take(api)).status).toBe(200);
});

test("the memory is bounded: what does not fit is asked for again, and makes room when its time has passed", async () => {
  const store = recordingStore(250);
  const rateLimit = { limit: 1, windowSeconds: 60, dangerouslyBy: (request: Request) => request.url };
  const api = policy({ store, rateLimit, onEvent: silent });
  const askedFor = async (path: string): Promise<number> => {
    const before = store.asked.length;
    await api.run(get(path), at, ok);
    return store.asked.length - before;
  };
  for (let index = 0; index < 10_001; index++) {
    await askedFor(`/${index}`);
    await askedFor(`/${index}`);
  }
  expect([await askedFor("/0"), await askedFor("/9999"), await askedFor("/10000")]).toEqual([0, 0, 1]);
  setTime(60_001);
  await askedFor("/new");
  await askedFor("/new");
  expect(await askedFor("/new")).toBe(0);
});

test("memory near the policy is asked each time: that costs less than to remember", async () => {
  const store = recordingStore();
  const api = policy({ store, rateLimit: two, onEvent: silent });
  for (let count = 0; count < 5; count++) await take(api);
  expect(store.asked).toHaveLength(5);
});

test("a store that does not know when its quota is back is asked each time", async () => {
  let asked = 0;
  const refusing: RateLimitStore = {
    ...recordingStore(250),
    consume: () => {
      asked++;
      return [{ allowed: false, remaining: null, retryAfterMs: 60_000, resetMs: null }];
    },
  };
  const api = policy({ store: refusing, rateLimit: two, onEvent: silent });
  for (let count = 1; count <= 3; count++) {
    const response = await take(api);
    expect(response.headers.get("ratelimit")).toBeNull();
    await expectProblem(response, 429, "rate_limited");
    expect(asked).toBe(count);
  }
});
