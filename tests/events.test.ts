import { afterEach, describe, expect, test, vi } from "vitest";
import { memoryStore, type PolicyEvent, policy, problem, type RateLimitStore } from "../src/index.ts";
import { as, get, ok, recorder, silent, tokens, tokensThat } from "./lib/harness.ts";

const secret = "secret-7d1f";
const at = { clientIp: "192.0.2.1" };
const brokenStore: RateLimitStore = { ...memoryStore(), consume: () => Promise.reject(new Error("down")) };
const fail = (): never => {
  throw new Error("handler");
};

/** A request that carries secrets everywhere a request can. */
const loaded = (): Request =>
  new Request(`https://api.example.com/notes/7?token=${secret}`, {
    method: "POST",
    body: secret,
    headers: {
      authorization: `Bearer ${secret}`,
      cookie: `sid=${secret}`,
      "x-api-key": secret,
      "content-type": "text/plain",
      "sec-fetch-site": "none",
    },
  });

const base = { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), method: "POST", path: "/notes/7", ...at };
const { events, onEvent } = recorder();
const limit = { limit: 1, windowSeconds: 60 };

const cases = [
  [policy({ auth: tokens, onEvent }), ok, { type: "refused", code: "invalid_token", status: 401 }],
  [
    policy({ requireHttps: true, onEvent }),
    fail,
    { type: "handler_error", code: "internal_error", error: new Error("handler") },
  ],
  [
    policy({ auth: tokensThat(fail), onEvent }),
    ok,
    { type: "auth_unavailable", code: "auth_unavailable", error: new Error("handler") },
  ],
  [
    policy({ rateLimit: limit, store: brokenStore, onEvent }),
    ok,
    { type: "store_unavailable", code: "limiter_unavailable", error: new Error("down") },
  ],
  [
    policy({ checks: [{ name: "no", check: () => problem(403, "no") }], onEvent }),
    ok,
    { type: "refused", code: "no", status: 403 },
  ],
  [
    policy({ onEvent }),
    () => new Response(new Uint8Array(1)),
    { type: "warning", code: "content_type_missing", message: expect.any(String) },
  ],
] as const;

test.each(cases.map((entry) => [entry[2].code, ...entry] as const))(
  "the event %s has exactly its fields, the path without query, and no secret",
  async (_code, api, handler, expected) => {
    events.length = 0;
    await api.run(loaded(), at, handler);
    expect(events).toEqual([{ ...expected, ...base }]);
    expect(JSON.stringify(events)).not.toContain(secret);
  },
);

test("the event of a limit names the limits and the time", async () => {
  events.length = 0;
  const api = policy({ rateLimit: limit, onEvent });
  await api.run(loaded(), at, ok);
  await api.run(loaded(), at, ok);
  expect(events).toEqual([
    { type: "limited", code: "rate_limited", limits: ["default"], retryAfterMs: expect.any(Number), ...base },
  ]);
  expect(JSON.stringify(events)).not.toContain(secret);
});

test("an event says who was verified, and nothing of who was not", async () => {
  const record = recorder();
  const routes = { "/open": { auth: "optional" } } as const;
  const api = policy({ auth: tokens, authFailures: "off", routes, onEvent: record.onEvent });
  await api(fail)(get("/notes", as("ann")));
  await api(fail)(get("/open"));
  await api({ scopes: ["admin"] }, ok)(get("/notes", as("ben")));
  await api(ok)(get("/notes", { authorization: "Bearer bad" }));
  expect(record.events.map((event) => ("subject" in event ? event.subject : "nobody"))).toEqual([
    "ann",
    "nobody",
    "ben",
    "nobody",
  ]);
  expect(record.events.some((event) => "clientIp" in event)).toBe(false);
});

test("an event says which address the proxies that are trusted give", async () => {
  const record = recorder();
  const api = policy({ clientIp: { trustedHops: 1 }, onEvent: record.onEvent });
  await api.run(get("/", { "x-forwarded-for": "198.51.100.9, 203.0.113.5" }), at, fail);
  expect(record.events).toMatchObject([{ type: "handler_error", clientIp: "203.0.113.5" }]);
});

test("a platform that fails to say who connects is told of, and answers 500", async () => {
  const record = recorder();
  const broken = {
    get clientIp(): string {
      throw new Error("closed");
    },
  };
  const response = await policy({ rateLimit: limit, onEvent: record.onEvent }).run(get(), broken, ok);
  expect(response.status).toBe(500);
  expect(record.events).toMatchObject([{ type: "handler_error", error: new Error("closed") }]);
});

test("requireHttps refuses plain http with 403, never a redirect, and tells of it", async () => {
  const record = recorder();
  const response = await policy({ requireHttps: true, onEvent: record.onEvent })(ok)(new Request("http://a.example/x"));
  expect([response.status, response.headers.get("location")]).toEqual([403, null]);
  expect(await response.json()).toMatchObject({ code: "https_required" });
  expect(record.events).toMatchObject([{ type: "refused", code: "https_required", status: 403, path: "/x" }]);
});

test("a request that passes makes no event", async () => {
  const record = recorder();
  const api = policy({ auth: tokens, rateLimit: limit, cors: { origins: "*" }, onEvent: record.onEvent });
  expect((await api.run(get("/", as("ann")), at, ok)).status).toBe(200);
  expect(record.events).toEqual([]);
});

describe("onEvent", () => {
  const throwing = (): never => {
    throw new Error("onEvent");
  };
  test.each<readonly [string, () => Promise<void>]>([
    ["throws", throwing],
    ["rejects", () => Promise.reject(new Error("onEvent"))],
  ])("that %s never harms an answer", async (_name, broken) => {
    const api = policy({ onEvent: broken, auth: tokens, headers: { extra: { Pragma: "no-cache" } } });
    expect((await api(ok)(get())).status).toBe(401);
    expect((await api(fail)(get("/", as("ann")))).status).toBe(500);
    expect((await api(() => new Response(new Uint8Array(1)))(get("/", as("ann")))).status).toBe(200);
  });

  test("that is asynchronous runs under waitUntil and delays nothing", async () => {
    const kept: Promise<unknown>[] = [];
    const platform = { waitUntil: (work: Promise<unknown>) => void kept.push(work) };
    const never = new Promise<void>(() => {});
    const response = await policy({ onEvent: () => never }).run(get(), platform, fail);
    expect(response.status).toBe(500);
    expect(kept).toHaveLength(1);
  });

  test("that rejects under waitUntil gives the platform a promise that resolves", async () => {
    const kept: Promise<unknown>[] = [];
    const platform = { waitUntil: (work: Promise<unknown>) => void kept.push(work) };
    await policy({ onEvent: () => Promise.reject(new Error("onEvent")) }).run(get(), platform, fail);
    await expect(Promise.all(kept)).resolves.toHaveLength(1);
  });

  test("that is synchronous does not bother waitUntil, and one that throws does no harm", async () => {
    let calls = 0;
    const platform = {
      waitUntil: () => {
        calls++;
        throw new Error("gone");
      },
    };
    expect((await policy({ onEvent: silent }).run(get(), platform, fail)).status).toBe(500);
    expect(calls).toBe(0);
    expect((await policy({ onEvent: async () => {} }).run(get(), platform, fail)).status).toBe(500);
  });
});

describe("context.waitUntil", () => {
  test("hands work to the platform, and tells of its rejection", async () => {
    const record = recorder();
    const kept: Promise<unknown>[] = [];
    const platform = { waitUntil: (work: Promise<unknown>) => void kept.push(work) };
    await policy({ onEvent: record.onEvent }).run(get("/w"), platform, (_request, { waitUntil }) => {
      waitUntil(Promise.reject(new Error("later")));
      return ok();
    });
    await Promise.all(kept);
    expect(kept).toHaveLength(1);
    expect(record.events).toMatchObject([{ type: "handler_error", error: new Error("later"), path: "/w" }]);
  });

  test("tells of an authenticator's keys that it could not renew as what it is: they serve on", async () => {
    const { events, onEvent } = recorder();
    const error = Object.assign(new Error("the provider is down"), { code: "keys_stale" });
    const auth: typeof tokens = {
      ...tokens,
      authenticate: (request, context) => {
        context.waitUntil(Promise.reject(error));
        return tokens.authenticate(request, context);
      },
    };
    expect((await policy({ auth, onEvent })(ok)(get("/k", as("ann")))).status).toBe(200);
    await expect
      .poll(() => events)
      .toMatchObject([{ type: "auth_unavailable", code: "keys_stale", error, path: "/k" }]);
  });

  test("tells of what it cannot look into: no rejection is left to end the process", async () => {
    const { events, onEvent } = recorder();
    const trap = {
      get code(): string {
        throw new Error("a trap");
      },
    };
    const fetch = policy({ onEvent })((_request, { waitUntil }) => {
      waitUntil(Promise.reject(trap));
      return ok();
    });
    expect((await fetch(get())).status).toBe(200);
    await expect.poll(() => events).toMatchObject([{ type: "handler_error", error: { message: "a trap" } }]);
  });

  test("works where the platform has none", async () => {
    const events: PolicyEvent[] = [];
    const arrived = new Promise<void>((resolve) => {
      const api = policy({
        onEvent: (event) => {
          events.push(event);
          resolve();
        },
      });
      void api((_request, { waitUntil }) => {
        waitUntil(Promise.reject(new Error("later")));
        return ok();
      })(get());
    });
    await arrived;
    expect(events).toMatchObject([{ type: "handler_error", error: new Error("later") }]);
  });
});

describe("without onEvent", () => {
  afterEach(() => vi.restoreAllMocks());

  test("errors and outages go to console.error, each time", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    await policy().run(get("/a?secret"), {}, fail);
    await policy().run(get("/a?secret"), {}, fail);
    await policy({ auth: tokensThat(fail) }).run(get("/b", as("ann")), {}, ok);
    expect(error.mock.calls.map(([text]) => String(text).replace(/[0-9a-f-]{36}/, "<id>"))).toEqual([
      "mantlet: internal_error GET /a (request <id>)",
      "mantlet: internal_error GET /a (request <id>)",
      "mantlet: auth_unavailable GET /b (request <id>)",
    ]);
    expect(error.mock.calls[0]?.[1]).toEqual(new Error("handler"));
  });

  test("each kind of warning goes to console.warn once, and refusals go nowhere", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const api = policy({ auth: tokens });
    const fetch = api(() => new Response(new Uint8Array(1), { headers: { "cache-control": "public" } }));
    for (let count = 0; count < 3; count++) await fetch(get("/", as("ann")));
    await fetch(get());
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^mantlet: .*made private/),
      expect.stringMatching(/^mantlet: .*Content-Type/),
    ]);
    expect(error).not.toHaveBeenCalled();
  });

  test("onEvent replaces both", async () => {
    const warn = vi.spyOn(console, "warn");
    const error = vi.spyOn(console, "error");
    await policy({ onEvent: silent })(fail)(get());
    await policy({ onEvent: silent })(() => new Response(new Uint8Array(1)))(get());
    expect(warn).not.toHaveBeenCalled();
    expect(error).not.toHaveBeenCalled();
  });
});
