import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { policy } from "../../../src/index.ts";
import { expectProblem, recorder } from "../../lib/harness.ts";
import { now, puppetStore, take } from "./support.ts";
import { admit, fail, open, watch } from "./watched.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a decision comes by the deadline, and its late answer changes nothing", async () => {
  const { store, events, request } = watch();
  const answer = request();
  await vi.advanceTimersByTimeAsync(249);
  expect([store.pending[0]?.signal?.aborted, events.length]).toEqual([false, 0]);
  await vi.advanceTimersByTimeAsync(1);
  const response = await answer;
  expect(response.headers.get("retry-after")).toBe("1");
  await expectProblem(response, 503, "limiter_unavailable");
  expect(store.pending[0]?.signal?.reason).toMatchObject({ name: "TimeoutError" });
  store.pending[0]?.admit();
  await vi.advanceTimersByTimeAsync(10);
  expect(store.asked()).toBe(1);
  expect(events).toMatchObject([{ type: "store_unavailable", error: { message: /within 250 ms/ } }]);
});

test("the deadline is the store's, and leaves no timer behind", async () => {
  const watched = watch(20);
  const late = watched.request();
  await vi.advanceTimersByTimeAsync(20);
  expect((await late).status).toBe(503);
  expect((await admit(watched)).status).toBe(200);
  expect(vi.getTimerCount()).toBe(0);
});

test("two failures do not open it, and a success forgets them", async () => {
  const watched = watch();
  for (let round = 0; round < 4; round++) {
    await fail(watched);
    await fail(watched);
    expect((await admit(watched)).headers.get("x-ratelimit-remaining")).toBe("77");
  }
  expect(watched.events.map(({ type }) => type)).toEqual(Array.from({ length: 8 }, () => "store_unavailable"));
});

test("the third failure opens it for a second: nobody asks, nobody waits, nobody is told again", async () => {
  const watched = watch();
  await open(watched);
  for (const elapsedMs of [0, 500, 499]) {
    vi.setSystemTime(Date.now() + elapsedMs);
    const response = await watched.request();
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  }
  expect([watched.store.asked(), watched.events.length, vi.getTimerCount()]).toEqual([3, 3, 0]);
});

test("then one request is the probe, and all others go without it", async () => {
  const watched = watch();
  await open(watched);
  vi.setSystemTime(Date.now() + 1000);
  const probe = watched.request();
  const others = await Promise.all(Array.from({ length: 20 }, watched.request));
  expect(others.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503));
  expect(watched.store.asked()).toBe(4);
  watched.store.pending[3]?.admit();
  const response = await probe;
  expect([response.status, response.headers.get("x-ratelimit-remaining")]).toEqual([200, "77"]);
  expect(watched.events.slice(3)).toMatchObject([{ type: "store_recovered", code: "limiter_recovered" }]);
  expect((await admit(watched)).status).toBe(200);
  expect(watched.events).toHaveLength(4);
});

test("each failed probe doubles the pause, from one second to thirty, and Retry-After says it", async () => {
  const watched = watch();
  await open(watched);
  let asked = 3;
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    expect((await watched.request()).headers.get("retry-after")).toBe(String(seconds));
    vi.setSystemTime(Date.now() + seconds * 1000 - 1);
    await watched.request();
    expect(watched.store.asked()).toBe(asked);
    vi.setSystemTime(Date.now() + 1);
    await fail(watched);
    expect(watched.store.asked()).toBe(++asked);
  }
});

test("a clock that goes back by an hour keeps nobody from the store for an hour", async () => {
  const watched = watch();
  await open(watched);
  vi.setSystemTime(Date.now() - 3_600_000);
  expect((await admit(watched)).status).toBe(200);
  expect(watched.events.slice(3)).toMatchObject([{ type: "store_recovered" }]);
});

test("after a recovery the pause begins with one second again", async () => {
  const watched = watch();
  await open(watched);
  for (const seconds of [1, 2]) {
    vi.setSystemTime(Date.now() + seconds * 1000);
    await fail(watched);
  }
  vi.setSystemTime(Date.now() + 4000);
  await admit(watched);
  await open(watched);
  expect((await watched.request()).headers.get("retry-after")).toBe("1");
});

test("the pause counts from the failure, not from when its request came", async () => {
  const watched = watch(2000);
  for (let count = 0; count < 3; count++) {
    const answer = watched.request();
    await vi.advanceTimersByTimeAsync(2000);
    await answer;
  }
  await watched.request();
  expect(watched.store.asked()).toBe(3);
});

test("requests that were on their way as it opened are no probes and lengthen nothing", async () => {
  const watched = watch(20_000);
  const early = [watched.request(), watched.request()];
  await open(watched);
  vi.setSystemTime(Date.now() + 1000);
  const probe = watched.request();
  await vi.advanceTimersByTimeAsync(0);
  watched.store.pending[0]?.fail();
  await early[0];
  await watched.request();
  expect(watched.store.asked()).toBe(6); // still one probe
  watched.store.pending[5]?.fail();
  await probe;
  expect((await watched.request()).headers.get("retry-after")).toBe("2"); // doubled once
  watched.store.pending[1]?.admit();
  expect((await early[1])?.status).toBe(200); // the store answers: that is a recovery, too
  expect(watched.events.at(-1)).toMatchObject({ type: "store_recovered" });
});

test("a probe of which nothing is ever heard is followed by another", async () => {
  const watched = watch();
  await open(watched);
  vi.setSystemTime(Date.now() + 1000);
  void watched.request(); // its platform ends it, with its timers
  await vi.advanceTimersByTimeAsync(0);
  const probedMs = Date.now();
  vi.clearAllTimers(); // this sets the clock back, too
  vi.setSystemTime(probedMs + 1250);
  expect((await admit(watched)).status).toBe(200);
});

test("a thousand requests at once that fail open it once", async () => {
  const watched = watch();
  const answers = Array.from({ length: 1000 }, watched.request);
  await vi.advanceTimersByTimeAsync(250);
  await Promise.all(answers);
  expect((await watched.request()).headers.get("retry-after")).toBe("1");
  expect(watched.store.asked()).toBe(1000);
});

test.each<readonly [string, unknown]>([
  ["nothing at all", undefined],
  ["too few verdicts", []],
  ["something else than verdicts", [undefined]],
  ["verdicts that say nothing", [{}]],
])("a store that gives %s has failed, and admits nobody", async (_name, answer) => {
  const store = { ...puppetStore(), consume: () => answer as never }; // what JavaScript callers may write
  for (const kind of [store, { ...store, timeoutMs: undefined }]) {
    const { events, onEvent } = recorder();
    const { timeoutMs, ...rest } = kind;
    const api = policy({
      store: timeoutMs === undefined ? rest : { ...rest, timeoutMs },
      rateLimit: { limit: 9, windowSeconds: 60, onUnavailable: "closed" },
      onEvent,
    });
    await expectProblem(await take(api), 503, "limiter_unavailable");
    expect(events).toMatchObject([{ type: "store_unavailable" }]);
  }
});
