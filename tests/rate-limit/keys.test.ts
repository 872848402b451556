import { afterEach, describe, expect, test, vi } from "vitest";
import { policy, type RateLimits } from "../../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, tokens } from "../lib/harness.ts";

afterEach(() => {
  vi.useRealTimers();
});

const one = { limit: 1, windowSeconds: 3600 } as const;

/** Whether two clients share a bucket of one request. */
async function share(first: string | undefined, second: string | undefined): Promise<boolean> {
  const api = policy({ rateLimit: one, onEvent: silent });
  await api.run(get(), { clientIp: first }, ok);
  return (await api.run(get(), { clientIp: second }, ok)).status === 429;
}

describe("by address", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.1", "::ffff:192.0.2.1"],
    ["192.0.2.1", "::FFFF:c000:201"],
    ["192.0.2.1", "0:0:0:0:0:ffff:192.0.2.1"],
    ["192.0.2.1", "192.0.2.1:8080"],
    ["192.0.2.1", "[::ffff:192.0.2.1]:8080"],
    ["2001:db8::1", "2001:db8::2"],
    ["2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff"],
    ["2001:db8:0:0::1", "2001:0DB8:0000:0000::9"],
    ["fe80::1%eth0", "fe80::1%eth1"],
    ["2001:db8::1", "[2001:db8::1]:443"],
    ["::1", "::2"],
  ])("%s and %s are one client", async (first, second) => {
    expect(await share(first, second)).toBe(true);
  });

  test.each([
    ["192.0.2.1", "192.0.2.2"],
    ["2001:db8:0:1::1", "2001:db8:0:2::1"],
    ["2001:db8::1", "2001:db9::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2"],
    ["::192.0.2.1", "192.0.2.1"],
    ["64:ff9b::192.0.2.1", "192.0.2.1"],
  ])("%s and %s are two", async (first, second) => {
    expect(await share(first, second)).toBe(false);
  });

  test.each([
    undefined,
    "",
    "unknown",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "_hidden",
    "a:b",
    "::g",
    ":::",
    "1.2.3.4, 5.6.7.8",
  ])("the address %j is unknown: the limit is skipped, with a warning", async (clientIp) => {
    const { events, onEvent } = recorder();
    const api = policy({ rateLimit: one, onEvent });
    for (let count = 0; count < 3; count++) {
      const response = await api.run(get("/a"), { clientIp }, ok);
      expect(response.status).toBe(200);
      expect(response.headers.get("ratelimit")).toBeNull();
    }
    expect(events).toMatchObject([{ type: "warning", code: "client_ip_unknown", path: "/a" }]);
  });

  test("the warning comes at most once a minute", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_763_769_600_000 });
    const { events, onEvent } = recorder();
    const api = policy({ rateLimit: one, onEvent });
    for (const atMs of [0, 1, 59_999, 60_000, 61_000, 120_000]) {
      vi.setSystemTime(1_763_769_600_000 + atMs);
      await api(ok)(get());
    }
    expect(events).toHaveLength(3);
  });

  test("an unknown address skips the limits by address only", async () => {
    const rateLimit: RateLimits = [
      { name: "ip", ...one },
      { name: "all", ...one, by: () => "everybody" },
    ];
    const api = policy({ rateLimit, onEvent: silent });
    expect((await api(ok)(get())).headers.get("ratelimit-policy")).toBe('"all";q=1;w=3600');
    await expectProblem(await api(ok)(get()), 429, "rate_limited");
  });
});

describe("by identity", () => {
  const api = () =>
    policy({
      auth: tokens,
      routes: { "/maybe": { auth: "optional" } },
      rateLimit: { ...one, by: "identity" },
      onEvent: silent,
    });

  test("counts each verified caller, wherever it calls from", async () => {
    const limited = api();
    expect((await limited.run(get("/", as("ann")), { clientIp: "192.0.2.1" }, ok)).status).toBe(200);
    expect((await limited.run(get("/", as("bob")), { clientIp: "192.0.2.1" }, ok)).status).toBe(200);
    await expectProblem(await limited.run(get("/", as("ann")), { clientIp: "192.0.2.9" }, ok), 429, "rate_limited");
  });

  test("takes nothing for an unverified caller", async () => {
    const limited = api();
    for (let count = 0; count < 5; count++) {
      const response = await limited.run(get("/", { authorization: "Bearer bad" }), { clientIp: "192.0.2.1" }, ok);
      expect([response.status, response.headers.get("ratelimit")]).toEqual([401, null]);
    }
    expect((await limited.run(get("/maybe"), { clientIp: "192.0.2.1" }, ok)).status).toBe(200);
  });

  test("counts an anonymous caller by address, apart from every identity", async () => {
    const limited = api();
    expect((await limited.run(get("/maybe"), { clientIp: "192.0.2.1" }, ok)).status).toBe(200);
    expect((await limited.run(get("/maybe"), { clientIp: "192.0.2.1" }, ok)).status).toBe(429);
    expect((await limited.run(get("/maybe"), { clientIp: "192.0.2.2" }, ok)).status).toBe(200);
    expect((await limited.run(get("/maybe", as("ann")), { clientIp: "192.0.2.1" }, ok)).status).toBe(200);
  });

  test("tells two methods with clashing names apart", async () => {
    const identities = [
      { method: "a", subject: "bc", scopes: new Set<string>() },
      { method: "ab", subject: "c", scopes: new Set<string>() },
    ];
    const auth = {
      ...tokens,
      authenticate: () => identities.shift() ?? { method: "x", subject: "x", scopes: new Set<string>() },
    };
    const fetch = policy({ auth, rateLimit: { ...one, by: "identity" } })(ok);
    expect((await fetch(get("/", as("ann")))).status).toBe(200);
    expect((await fetch(get("/", as("ann")))).status).toBe(200);
  });
});

describe("by a function", () => {
  test("gets verified facts and chooses the bucket", async () => {
    const seen: unknown[] = [];
    const api = policy({
      auth: tokens,
      rateLimit: {
        ...one,
        by: ({ auth, clientIp, method, path }) => {
          seen.push([auth.subject, clientIp, method, path]);
          return path;
        },
      },
      onEvent: silent,
    });
    expect((await api.run(get("/a?secret", as("ann")), { clientIp: "192.0.2.1" }, ok)).status).toBe(200);
    expect((await api.run(get("/b", as("ann")), {}, ok)).status).toBe(200);
    await expectProblem(await api.run(get("/a", as("bob")), {}, ok), 429, "rate_limited");
    expect(seen.slice(0, 2)).toEqual([
      ["ann", "192.0.2.1", "GET", "/a"],
      ["ann", undefined, "GET", "/b"],
    ]);
  });

  test("cannot meet the bucket of an address or an identity", async () => {
    const rateLimit: RateLimits = { ...one, by: ({ path }) => decodeURI(path.slice(1)) };
    const first = policy({ rateLimit: one });
    await first.run(get(), { clientIp: "192.0.2.1" }, ok);
    expect((await first.with({ rateLimit }).run(get("/ip:192.0.2.1"), {}, ok)).status).toBe(200);
  });

  const throwing = (): never => {
    throw new Error("canary");
  };
  test.each<readonly [string, () => unknown]>([
    ["throws", throwing],
    ["gives an empty key", () => ""],
    ["gives undefined", () => undefined],
    ["gives a promise", async () => "x"],
    ["gives a promise that is rejected", async () => throwing()], // nor does the process end
    ["gives a number", () => 7],
  ])("that %s is a 500 and an event: nobody passes uncounted", async (_name, by) => {
    const limit = { ...one, by: by as () => string }; // what JavaScript callers may write
    for (const config of [{ rateLimit: limit }, { auth: tokens, rateLimit: limit }]) {
      const { events, onEvent } = recorder();
      const response = await policy({ ...config, onEvent })(ok)(get("/", as("ann")));
      expect(await response.clone().text()).not.toContain("canary");
      await expectProblem(response, 500, "internal_error");
      expect(events).toMatchObject([{ type: "handler_error" }]);
    }
  });
});
