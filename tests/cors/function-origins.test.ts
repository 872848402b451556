import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type MaybePromise, policy } from "../../src/index.ts";
import { thenable } from "../lib/harness.ts";
import { accessControl, app, hello, preflightFrom, requestFrom, varyOf } from "./support.ts";

function asking(origins: (origin: string) => MaybePromise<boolean>) {
  const fetch = policy({ cors: { origins } })(hello);
  return async (origin: string): Promise<boolean> =>
    (await fetch(requestFrom(origin))).headers.get("access-control-allow-origin") === origin;
}

describe("a function of the origin", () => {
  test("allows what it says true of, now or later", async () => {
    expect(await asking((origin) => origin === app)(app)).toBe(true);
    expect(await asking((origin) => origin !== app)(app)).toBe(false);
    expect(await asking(async (origin) => origin === app)(app)).toBe(true);
  });

  test("may give a thenable whose then() gives nothing", async () => {
    const saying = (answer: unknown) => asking(() => thenable((give) => give(answer)) as Promise<boolean>); // as JavaScript callers may
    expect(await saying(true)(app)).toBe(true);
    expect(await saying(false)(app)).toBe(false);
  });

  test("gets the origin and nothing else", async () => {
    const decide = vi.fn((_: string) => true);
    await asking(decide)(app);
    expect(decide.mock.calls).toEqual([[app]]);
  });

  test("decides on preflights too, and its answers vary by Origin", async () => {
    const fetch = policy({ cors: { origins: async (origin) => origin === app, credentials: true } })(hello);
    const allowed = await fetch(preflightFrom(app));
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe(app);
    expect(allowed.headers.get("access-control-allow-credentials")).toBe("true");
    const refused = await fetch(preflightFrom("https://evil.example"));
    expect(refused.status).toBe(403);
    expect(accessControl(refused)).toEqual({});
    expect(varyOf(refused)).toContain("origin");
  });

  test("is asked once by a write that CORS and cross-origin protection both judge", async () => {
    const decide = vi.fn(() => true);
    const fetch = policy({ cors: { origins: decide } })(hello);
    expect((await fetch(requestFrom(app, "POST", { "sec-fetch-site": "cross-site" }))).status).toBe(200);
    expect(decide).toHaveBeenCalledOnce();
  });

  const long = (length: number): string =>
    `https://${"a".repeat(50)}.${`${"b".repeat(60)}.`.repeat(2)}example.com:1`.padEnd(length, "0");

  test.each([
    ["null", "null"],
    ["no origin", "invalid_origin"],
    ["a path", `${app}/`],
    ["upper case", "https://App.example.com"],
    ["a list", `${app}, ${app}`],
    ["a default port", `${app}:443`],
    ["a port out of range", `${app}:65536`],
    ["userinfo", "https://a@app.example.com"],
    ["an empty host", "https://"],
    ["an empty value", ""],
    ["characters beyond ASCII", "https://\u00e9.example.com"],
    [
      "more than 300 bytes",
      `${"s".repeat(60)}://${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(48)}`,
    ],
    ["a mebibyte", long(1 << 20)],
  ])("is never asked about %s", async (_, origin) => {
    const decide = vi.fn(() => true);
    expect(await asking(decide)(origin)).toBe(false);
    expect(decide).not.toHaveBeenCalled();
  });

  test("is asked about an origin of 300 bytes", async () => {
    const origin = `${"s".repeat(56)}://${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(49)}`;
    expect(origin).toHaveLength(300);
    expect(await asking(() => true)(origin)).toBe(true);
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
    ["gives 1", () => 1],
    ["gives a string", () => "true"],
    ["gives an object", () => ({})],
    ["gives nothing", () => undefined],
    ["promises a string", async () => "true"],
    ["gives the origin", () => app],
  ])("that %s allows nothing, and the request is answered", async (_, decide) => {
    const fetch = policy({ cors: { origins: decide as () => boolean } })(hello); // what plain JavaScript may pass
    const response = await fetch(requestFrom(app));
    expect(response.status).toBe(200);
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toEqual(["origin"]);
    expect((await fetch(preflightFrom(app))).status).toBe(403);
  });
});

describe("its answers are kept", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    ["yes", true],
    ["no", false],
  ])("for a minute: %s", async (_, answer) => {
    for (const decide of [vi.fn((): MaybePromise<boolean> => answer), vi.fn(async () => answer)]) {
      const ask = asking(decide);
      expect(await ask(app)).toBe(answer);
      vi.advanceTimersByTime(59_999);
      expect(await ask(app)).toBe(answer);
      expect(decide).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(1);
      expect(await ask(app)).toBe(answer);
      expect(decide).toHaveBeenCalledTimes(2);
    }
  });

  test("and a changed mind counts after that minute, however often it was asked in between", async () => {
    let isAllowed = true;
    const ask = asking(() => isAllowed);
    expect(await ask(app)).toBe(true);
    isAllowed = false;
    for (let second = 1; second < 60; second++) {
      vi.advanceTimersByTime(1_000);
      expect(await ask(app)).toBe(true);
    }
    vi.advanceTimersByTime(1_000);
    expect(await ask(app)).toBe(false);
  });

  test("per origin", async () => {
    const ask = asking((origin) => origin === app);
    expect([await ask(app), await ask(`${app}:8443`), await ask(app)]).toEqual([true, false, true]);
  });

  test("not when it threw or rejected: the next request asks again", async () => {
    const answers = [() => Promise.reject(new Error("boom")), () => true];
    const ask = asking(() => (answers.shift() ?? (() => false))());
    expect([await ask(app), await ask(app)]).toEqual([false, true]);
  });

  test("up to a thousand; the one that was used least lately goes first", async () => {
    const decide = vi.fn((_: string) => true);
    const ask = asking(decide);
    const origin = (n: number): string => `https://n${n}.example.com`;
    for (let n = 0; n < 1_000; n++) await ask(origin(n));
    await ask(origin(0)); // used again, so number 1 is now the oldest
    expect(decide).toHaveBeenCalledTimes(1_000);
    await ask(origin(1_000));
    decide.mockClear();
    for (const n of [0, 2, 999, 1_000]) await ask(origin(n));
    expect(decide).not.toHaveBeenCalled();
    await ask(origin(1));
    expect(decide.mock.calls).toEqual([[origin(1)]]);
  });

  test("and shared by nobody: another policy asks anew", async () => {
    const decide = vi.fn(() => true);
    await asking(decide)(app);
    await asking(decide)(app);
    expect(decide).toHaveBeenCalledTimes(2);
  });
});
