import { describe, expect, test } from "vitest";
import { type Identity, policy, type RateLimits } from "../../../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, tokens } from "../../lib/harness.ts";
import { at, recordingStore, take } from "./support.ts";

const one = { limit: 1, windowSeconds: 3600 } as const;

test.each([
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "x-api-key",
  "authorization",
  "cookie",
  "user-agent",
  "x-request-id",
  "host",
  "origin",
  "referer",
])("rotating %s never gives a fresh bucket", async (name) => {
  const api = policy({ rateLimit: one, requestId: { inbound: "accept" }, onEvent: silent });
  expect((await take(api)).status).toBe(200);
  for (let index = 0; index < 20; index++) {
    const value = name === "forwarded" ? `for=203.0.113.${index}` : `203.0.113.${index}`;
    expect((await take(api, get("/", { [name]: value }))).status).toBe(429);
  }
});

test("rotating paths, queries and methods never gives a fresh bucket", async () => {
  const api = policy({ rateLimit: one, onEvent: silent });
  expect((await take(api)).status).toBe(200);
  for (const path of ["/a", "/?b", "//", "/%61"]) expect((await take(api, get(path))).status).toBe(429);
  expect((await take(api, new Request("https://a.example/", { method: "HEAD" }))).status).toBe(429);
});

test("credentials that are not verified never give a fresh bucket", async () => {
  const api = policy({ auth: tokens, rateLimit: one, onEvent: silent });
  expect((await take(api, get("/", { authorization: "Bearer bad-0" }))).status).toBe(401);
  for (let index = 1; index < 20; index++) {
    expect((await take(api, get("/", { authorization: `Bearer bad-${index}` }))).status).toBe(429);
  }
});

describe("dangerouslyBy", () => {
  const byKey = { ...one, dangerouslyBy: (request: Request) => request.headers.get("x-key") ?? "" };

  test("counts by anything in the request", async () => {
    const api = policy({ rateLimit: byKey, onEvent: silent });
    expect((await take(api, get("/", { "x-key": "a" }))).status).toBe(200);
    expect((await take(api, get("/", { "x-key": "b" }))).status).toBe(200);
    await expectProblem(await take(api, get("/", { "x-key": "a" }), "192.0.2.9"), 429, "rate_limited");
  });

  test("acts before authentication, also where there is some", async () => {
    const api = policy({ auth: tokens, rateLimit: byKey, onEvent: silent });
    expect((await take(api, get("/", { "x-key": "a" }))).status).toBe(401);
    await expectProblem(await take(api, get("/", { "x-key": "a" })), 429, "rate_limited");
  });

  test("is a 500 when it gives an empty key: nobody passes uncounted", async () => {
    const { events, onEvent } = recorder();
    await expectProblem(await take(policy({ rateLimit: byKey, onEvent })), 500, "internal_error");
    expect(events).toMatchObject([{ type: "handler_error", error: { message: /non-empty/ } }]);
  });

  test("cannot meet the bucket of an address, an identity or a function", async () => {
    const store = recordingStore();
    const rateLimit: RateLimits<Identity<"token">> = [
      { name: "ip", ...one },
      { name: "asked", ...one, dangerouslyBy: () => "x" },
      { name: "user", ...one, by: "identity" },
      { name: "own", ...one, by: () => "x" },
    ];
    const api = policy({ auth: tokens, store, rateLimit });
    await api.run(get("/", as("x")), at, ok);
    expect(new Set(store.identities()).size).toBe(4);
  });
});

describe("an anonymous caller, where identities are counted", () => {
  const api = () =>
    policy({
      auth: tokens,
      routes: { "/": { auth: "optional" } },
      rateLimit: { ...one, by: "identity" },
      authFailures: "off", // they count addresses too
      onEvent: silent,
    });

  test("is counted by address, an IPv6 one by its network", async () => {
    const limited = api();
    expect((await take(limited, get(), "2001:db8::1")).status).toBe(200);
    expect((await take(limited, get(), "2001:db8::2")).status).toBe(429);
    expect((await take(limited, get(), "2001:db8:0:1::1")).status).toBe(200);
  });

  test("passes with a warning when its address is unknown, and is refused where that is asked", async () => {
    const { events, onEvent } = recorder();
    const limited = api().with({ onEvent });
    expect((await limited.run(get(), {}, ok)).status).toBe(200);
    expect(events).toMatchObject([{ type: "warning", code: "client_ip_unknown" }]);
    const strict = api().with({ clientIp: { onUnknownAddress: "refuse" }, onEvent });
    await expectProblem(await strict.run(get(), {}, ok), 403, "client_address_unknown");
    expect(events.slice(1)).toMatchObject([{ type: "refused", code: "client_address_unknown", status: 403 }]);
    expect((await strict.run(get("/", as("ann")), {}, ok)).status).toBe(200);
  });
});

test("a function whose fact is unknown still has a bucket, and no warning", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ rateLimit: { ...one, by: ({ clientIp }) => clientIp ?? "unknown" }, onEvent });
  expect((await api.run(get(), {}, ok)).status).toBe(200);
  await expectProblem(await api.run(get(), {}, ok), 429, "rate_limited");
  expect(events.map(({ type }) => type)).toEqual(["limited"]);
});
