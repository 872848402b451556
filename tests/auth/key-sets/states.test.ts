import { describe, expect, test } from "vitest";
import { expectProblem } from "../../lib/harness.ts";
import { keysWith, late, text } from "../identity-provider/identity-provider.ts";
import { clientOf, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

describe("a fresh set", () => {
  test("is fetched once for 100 requests that come together", async () => {
    const { status } = clientOf(provider());
    const statuses = await Promise.all(Array.from({ length: 100 }, () => status()));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(provider().fetches).toBe(1);
  });

  test.each([
    ["ten minutes where the provider says nothing", undefined, 600],
    ["as long as max-age says", "public, max-age=3600", 3600],
    ["at least a minute", "max-age=0, must-revalidate", 60],
    ["at most a day", "max-age=31536000", 86_400],
  ])("is used for %s, within ten percent", async (_, cacheControl, seconds) => {
    provider().answer(keysWith(cacheControl === undefined ? {} : { "cache-control": cacheControl }));
    const { status, settled } = clientOf(provider());
    await status();
    passSeconds(seconds * 0.9 - 1);
    expect(await status()).toBe(200);
    await settled();
    expect(provider().fetches).toBe(1);
    passSeconds(seconds * 0.2 + 2);
    expect(await status()).toBe(200);
    await settled();
    expect(provider().fetches).toBe(2);
  });
});

test("the age of an answer from a cache on the way counts", async () => {
  provider().answer(keysWith({ "cache-control": "max-age=3600", age: "3000" }));
  const { status, settled } = clientOf(provider());
  await status();
  passSeconds(661);
  await status();
  await settled();
  expect(provider().fetches).toBe(2);
});

test("an age and a max-age beyond all numbers are fetched once, and not for ever", async () => {
  const endless = "9".repeat(400);
  provider().answer(keysWith({ "cache-control": `max-age=${endless}`, age: endless }));
  const { status } = clientOf(provider());
  expect(await status()).toBe(200);
  expect(await status()).toBe(200);
  expect(provider().fetches).toBe(1);
});

describe("a stale set", () => {
  test("answers at once, and is fetched once behind the answers, which is no event", async () => {
    const { status, settled, events } = clientOf(provider());
    await status();
    provider().answer(late(300));
    passSeconds(700);
    const begun = performance.now();
    const statuses = await Promise.all(Array.from({ length: 100 }, () => status()));
    expect(performance.now() - begun).toBeLessThan(250);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await settled();
    expect(provider().fetches).toBe(2);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
    expect(events.filter(({ type }) => type !== "warning")).toEqual([]);
  });

  test("serves through 50 minutes in which the provider is down, and is renewed when it is back", async () => {
    const { status, settled, events } = clientOf(provider());
    await status();
    passSeconds(540);
    await provider().goDown();
    const statuses: number[] = [];
    for (let second = 0; second < 3000; second += 10) {
      passSeconds(10);
      statuses.push(await status());
      await settled();
    }
    expect(statuses).toHaveLength(300);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(events.length).toBeGreaterThan(80);
    expect(events.length).toBeLessThan(110); // an attempt every half a minute
    expect(new Set(events.map(({ type, code }) => `${type} ${code}`))).toEqual(
      new Set(["auth_unavailable keys_stale"]),
    );
    await provider().comeBack();
    await provider().rotate();
    passSeconds(30);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
  });

  test("tells once of a renewal that failed, with its cause", async () => {
    const { status, settled, events } = clientOf(provider());
    await status();
    provider().answer(text("", 500));
    passSeconds(700);
    await Promise.all(Array.from({ length: 20 }, () => status()));
    await settled();
    expect(events).toMatchObject([
      {
        type: "auth_unavailable",
        code: "keys_stale",
        method: "GET",
        path: "/",
        error: { name: "KeysUnavailableError", cause: { message: "the answer has the status 500" } },
      },
    ]);
  });

  test("is of no use an hour after it was fresh", async () => {
    const { send, status } = clientOf(provider());
    await status();
    await provider().goDown();
    passSeconds(660 + 3600);
    const response = await send();
    await expectProblem(response, 503, "auth_unavailable");
    expect(response.headers.get("retry-after")).toBe("1");
  });

  test("is of no use where staleIfErrorSeconds is 0", async () => {
    const { status } = clientOf(provider(), { staleIfErrorSeconds: 0 });
    await status();
    passSeconds(661);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
    await provider().goDown();
    passSeconds(661);
    expect(await status()).toBe(503);
  });
});

describe("a clock that is set back", () => {
  test("makes a set stale, so that it is fetched and not held for ever", async () => {
    const { status, settled } = clientOf(provider());
    await status();
    passSeconds(-86_400);
    expect(await status()).toBe(200);
    await settled();
    expect(provider().fetches).toBe(2);
    passSeconds(661);
    await status();
    await settled();
    expect(provider().fetches).toBe(3);
  });

  test("does not keep a set alive for more than the hour in an outage", async () => {
    const { status, settled } = clientOf(provider());
    await status();
    await provider().goDown();
    passSeconds(-86_400);
    expect(await status()).toBe(200);
    await settled();
    passSeconds(3590);
    expect(await status()).toBe(200);
    await settled();
    passSeconds(20);
    expect(await status()).toBe(503);
  });

  test("ends the pauses after failures and between renewals", async () => {
    const { status, settled } = clientOf(provider());
    provider().answer(text("", 500));
    expect(await status()).toBe(503);
    passSeconds(-86_400);
    provider().answer(keysWith());
    expect(await status()).toBe(200);
    await settled();
    await provider().rotate();
    passSeconds(-86_400);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(3);
  });
});
