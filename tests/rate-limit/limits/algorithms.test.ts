import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { policy, type RateLimitOptions } from "../../../src/index.ts";
import { silent } from "../../lib/harness.ts";
import { now, recordingStore, setTime, statuses, take } from "./support.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

const minute = { limit: 4, windowSeconds: 60 } as const;
const apiWith = (settings: Partial<RateLimitOptions>) =>
  policy({ rateLimit: { ...minute, ...settings }, onEvent: silent });

test("gcra refills evenly", async () => {
  const api = apiWith({});
  expect(await statuses(api, 5)).toEqual([200, 200, 200, 200, 429]);
  setTime(15_000);
  expect(await statuses(api, 2)).toEqual([200, 429]);
});

test("gcra with a burst lets that many come at once, at the same rate", async () => {
  const api = apiWith({ burst: 2 });
  expect(await statuses(api, 3)).toEqual([200, 200, 429]);
  setTime(15_000);
  expect(await statuses(api, 2)).toEqual([200, 429]);
  setTime(3_600_000);
  expect(await statuses(api, 3)).toEqual([200, 200, 429]);
});

describe("a fixed window", () => {
  test("begins with the first request", async () => {
    const api = apiWith({ algorithm: "fixed-window" });
    expect(await statuses(api, 5)).toEqual([200, 200, 200, 200, 429]);
    setTime(59_999);
    expect((await take(api)).headers.get("retry-after")).toBe("1");
    setTime(60_000);
    expect(await statuses(api, 5)).toEqual([200, 200, 200, 200, 429]);
  });

  test("begins with the clock where that is asked", async () => {
    const api = apiWith({ algorithm: "fixed-window", align: "clock" });
    expect(await statuses(api, 5)).toEqual([200, 200, 200, 200, 429]);
    const untilMinuteMs = 60_000 - (now % 60_000);
    const response = await take(api);
    expect(response.headers.get("retry-after")).toBe(String(Math.ceil(untilMinuteMs / 1000)));
    setTime(untilMinuteMs - 1);
    expect((await take(api)).status).toBe(429);
    setTime(untilMinuteMs);
    expect((await take(api)).status).toBe(200);
  });
});

test("a sliding window counts what is left of the window before", async () => {
  const api = apiWith({ algorithm: "sliding-window" });
  expect(await statuses(api, 5)).toEqual([200, 200, 200, 200, 429]);
  setTime(90_000); // at most half of the four are left
  const seen = await statuses(api, 5);
  expect(seen.filter((status) => status === 200).length).toBeLessThan(4);
  expect(seen[0]).toBe(200);
});

test("a sliding log never lets more than the limit through in any window", async () => {
  const api = apiWith({ algorithm: "sliding-log" });
  const admitted: number[] = [];
  for (let afterMs = 0; afterMs < 300_000; afterMs += 1700) {
    setTime(afterMs);
    if ((await take(api)).status === 200) admitted.push(afterMs);
  }
  expect(admitted.length).toBeGreaterThan(16);
  for (const [index, atMs] of admitted.entries()) {
    expect((admitted[index + minute.limit] ?? Number.POSITIVE_INFINITY) - atMs).toBeGreaterThanOrEqual(60_000);
  }
});

const everyKind: readonly Partial<RateLimitOptions>[] = [
  {},
  { burst: 1 },
  { cost: 3 },
  { algorithm: "fixed-window" },
  { algorithm: "fixed-window", align: "clock" },
  { algorithm: "sliding-window" },
  { algorithm: "sliding-window", cost: 3 },
  { algorithm: "sliding-log" },
  { windowSeconds: 31_622_400 },
  { limit: 1000, windowSeconds: 1, burst: 1 },
];
test.each(everyKind)("a client that obeys Retry-After is admitted, and it is never before t: %j", async (settings) => {
  const api = apiWith(settings);
  let elapsedMs = 0;
  for (let refusals = 0; refusals < 5; ) {
    const response = await take(api);
    if (response.status === 200) continue;
    refusals++;
    const retryAfter = Number(response.headers.get("retry-after"));
    const reset = Number(/;t=(\d+)/.exec(response.headers.get("ratelimit") ?? "")?.[1]);
    expect(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter >= reset).toBe(true);
    elapsedMs += retryAfter * 1000;
    setTime(elapsedMs);
    expect((await take(api)).status).toBe(200);
  }
});

test("the settings reach the store, and others make another bucket", async () => {
  const store = recordingStore();
  const kinds: readonly Partial<RateLimitOptions>[] = [
    ...everyKind.filter(({ cost }) => cost === undefined),
    { limit: 5 },
    { name: "other" },
  ];
  for (const settings of kinds) {
    expect((await take(policy({ store, rateLimit: { ...minute, ...settings } }))).status).toBe(200);
  }
  const limits = store.asked.map(([check]) => check?.limit);
  expect(new Set(limits.map((limit) => limit?.id)).size).toBe(kinds.length);
  expect(limits[1]).toMatchObject({ algorithm: "gcra", limit: 4, burst: 1, windowMs: 60_000, isAligned: false });
  expect(limits[3]).toMatchObject({ algorithm: "fixed-window", burst: 4, isAligned: true });
});
