import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PolicyEvent } from "../../../src/index.ts";
import { now } from "./support.ts";
import { admit, fail, open, type Watched, watch } from "./watched.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What an operator reads: what happened, and for how long the store is left alone. */
function told(events: readonly PolicyEvent[]): readonly string[] {
  return events.map((event) => ("pauseMs" in event ? `${event.type} ${event.pauseMs}` : event.type));
}

const opening = ["store_unavailable", "store_unavailable", "store_unavailable 1000"];

async function waitFor(ms: number, { request }: Watched): Promise<void> {
  for (const part of [0.5, 0.4]) {
    vi.setSystemTime(Date.now() + ms * part);
    await request();
  }
  vi.setSystemTime(Date.now() + ms * 0.1);
}

test("an outage is told by each failure until it opens, by each failed probe, and by the recovery: nothing else", async () => {
  const watched = watch();
  await admit(watched);
  await open(watched);
  await waitFor(1000, watched);
  await fail(watched);
  await waitFor(2000, watched);
  await fail(watched);
  await waitFor(4000, watched);
  for (let count = 0; count < 3; count++) await admit(watched);
  expect(told(watched.events)).toEqual([
    ...opening,
    "store_unavailable 2000",
    "store_unavailable 4000",
    "store_recovered",
  ]);
});

test("each event of an outage says what was thrown, and to whom it happened", async () => {
  const watched = watch();
  await open(watched);
  for (const event of watched.events)
    expect(event).toMatchObject({ code: "limiter_unavailable", error: new Error("down"), method: "GET", path: "/" });
});

test("an outage of an hour under load makes two events a minute", async () => {
  const watched = watch();
  await open(watched);
  for (let seconds = 0; seconds < 3600; seconds++) {
    vi.setSystemTime(Date.now() + 1000);
    await Promise.all([fail(watched), watched.request(), watched.request()]);
  }
  expect(watched.events.length).toBeLessThan(3 + 5 + 121);
  expect(watched.events.length).toBeGreaterThan(115);
  expect(told(watched.events).at(-1)).toBe("store_unavailable 30000");
});

test("a failure or two that open nothing are told, and their end is not: nothing was given up", async () => {
  const watched = watch();
  await fail(watched);
  await fail(watched);
  await admit(watched);
  expect(told(watched.events)).toEqual(["store_unavailable", "store_unavailable"]);
});

test("a thousand requests at once that fail are three events", async () => {
  const watched = watch();
  const answers = Array.from({ length: 1000 }, watched.request);
  await vi.advanceTimersByTimeAsync(250);
  await Promise.all(answers);
  expect(told(watched.events)).toEqual(opening);
});

test("a probe that fails after another has taken its place says nothing, nor one that fails after the recovery", async () => {
  const watched = watch();
  await open(watched);
  const lost: Promise<Response>[] = [];
  for (const ms of [1000, 1250]) {
    vi.setSystemTime(Date.now() + ms);
    lost.push(watched.request()); // the first is not heard of for its deadline and the pause
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(watched.store.asked()).toBe(5);
  watched.store.pending[3]?.fail();
  await lost[0];
  expect(told(watched.events)).toEqual(opening);
  vi.setSystemTime(Date.now() + 1250);
  await admit(watched);
  watched.store.pending[4]?.fail();
  await lost[1];
  expect(told(watched.events)).toEqual([...opening, "store_recovered"]);
});

test("a probe that fails after an earlier request got through says nothing: the store answers", async () => {
  const watched = watch(20_000);
  const early = watched.request();
  await open(watched);
  vi.setSystemTime(Date.now() + 1000);
  const probe = watched.request();
  await vi.advanceTimersByTimeAsync(0);
  watched.store.pending[0]?.admit();
  await early;
  watched.store.pending[4]?.fail();
  await probe;
  expect(told(watched.events)).toEqual([...opening, "store_recovered"]);
});
