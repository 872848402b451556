import { describe, expect, test } from "vitest";
import { optional, policy, secure } from "../../src/index.ts";
import { as, expectProblem, get, recorder, silent, tokens } from "../lib/harness.ts";

describe("a handler that keeps a Response and gives it again", () => {
  test("sends it to the first client, then a 500 and an event, since its body is gone", async () => {
    const { events, onEvent } = recorder();
    const kept = Response.json({ once: true });
    const fetch = policy({ onEvent })(() => kept);
    expect(await (await fetch(get())).json()).toEqual({ once: true });
    await expectProblem(await fetch(get()), 500, "internal_error");
    expect(events).toMatchObject([{ type: "handler_error", error: expect.any(TypeError) }]);
  });

  test("without a body, sends it each time with that request's own fields", async () => {
    const kept = new Response(null, { status: 204, headers: { "x-kept": "1" } });
    const api = policy({ cors: { origins: ["https://a.example.com", "https://b.example.com"], credentials: true } });
    const fetch = api(() => kept);
    const first = await fetch(get("/", { origin: "https://a.example.com" }));
    const firstId = first.headers.get("x-request-id");
    const second = await fetch(get("/", { origin: "https://b.example.com" }));
    const third = await fetch(get("/", { origin: "https://evil.example" }));
    expect(first.headers.get("access-control-allow-origin")).toBe("https://a.example.com");
    expect(first.headers.get("x-request-id")).toBe(firstId);
    expect(second.headers.get("access-control-allow-origin")).toBe("https://b.example.com");
    expect(second.headers.get("x-request-id")).not.toBe(firstId);
    expect([...third.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(third.headers.get("x-kept")).toBe("1");
  });

  test("never shows one origin's Timing-Allow-Origin to another", async () => {
    const kept = new Response(null, { status: 204 });
    const cors = { origins: ["https://a.example.com", "https://b.example.com"] } as const;
    const fetch = policy({ cors, headers: { timingAllowOrigin: true } })(() => kept);
    await fetch(get("/", { origin: "https://a.example.com" }));
    const second = await fetch(get("/", { origin: "https://b.example.com" }));
    expect(second.headers.get("timing-allow-origin")).toBe("https://b.example.com");
  });

  test("never shows one client's rate limit to another", async () => {
    const kept = new Response(null, { status: 204 });
    const limited = policy({ rateLimit: { limit: 5, windowSeconds: 60 } });
    await limited.run(get(), { clientIp: "192.0.2.1" }, () => kept);
    const other = await secure(() => kept)(get());
    expect([...other.headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
  });

  test("keeps what it wrote itself, also where a policy has a default", async () => {
    const own = { "x-frame-options": "SAMEORIGIN", "cache-control": "max-age=5" };
    const kept = new Response(null, { headers: own });
    const fetch = secure(() => kept);
    await fetch(get());
    expect(Object.fromEntries((await fetch(get())).headers)).toMatchObject(own);
  });

  test("keeps what it writes between two requests, where the policy writes nothing", async () => {
    const kept = new Response(null);
    const api = policy({
      headers: { cacheControl: false, strictTransportSecurity: false },
      routes: { "/login": { rateLimit: { limit: 5, windowSeconds: 60 } } },
      onEvent: silent,
    });
    const fetch = api(() => kept);
    await fetch(get("/"));
    const own = {
      "cache-control": "private, no-store",
      "strict-transport-security": "max-age=1",
      "x-ratelimit-limit": "7",
    };
    for (const [name, value] of Object.entries(own)) kept.headers.set(name, value);
    expect(Object.fromEntries((await fetch(get("/me"))).headers)).toMatchObject(own);
  });

  test("shows the next client nothing that the policy wrote over fields of its own", async () => {
    const kept = new Response(null, { headers: { "x-request-id": "own", "x-ratelimit-remaining": "9" } });
    const limited = policy({ rateLimit: { limit: 5, windowSeconds: 60 } });
    await limited.run(get(), { clientIp: "192.0.2.1" }, () => kept);
    const { headers } = await policy({ requestId: false })(() => kept)(get());
    expect([headers.get("x-request-id"), headers.get("x-ratelimit-remaining")]).toEqual([null, null]);
  });

  test("loses every field of a policy, but for Vary, where the next policy writes none", async () => {
    const kept = new Response(null);
    const cors = { origins: ["https://a.example.com"], credentials: true } as const;
    const origin = { origin: "https://a.example.com" };
    await policy({ cors, headers: { timingAllowOrigin: true } })(() => kept)(get("/", origin));
    const { headers } = await policy({ headers: false, requestId: false })(() => kept)(get("/", origin));
    expect(Object.fromEntries(headers)).toEqual({ vary: "Origin" });
  });

  test("loses the fields of two policies, one around the other", async () => {
    const kept = new Response(null);
    const inner = policy({ headers: { extra: { "X-Inner": "1" } } })(() => kept);
    await policy({ headers: { extra: { "X-Outer": "1" } } })((request) => inner(request))(get());
    const { headers } = await secure(() => kept)(get());
    expect([headers.has("x-inner"), headers.has("x-outer")]).toEqual([false, false]);
  });

  test("is shared again after it was narrowed for one who is known", async () => {
    const kept = new Response(null);
    const api = policy({ headers: { cacheControl: "public, max-age=60" }, auth: optional(tokens), onEvent: silent });
    const fetch = api(() => kept);
    const narrowed = await fetch(get("/", as("ada")));
    expect(narrowed.headers.get("cache-control")).toBe("max-age=60, private");
    expect((await fetch(get())).headers.get("cache-control")).toBe("public, max-age=60");
  });
});

test("the Headers of a library whose forEach() takes a function alone are edited in place", async () => {
  class OwnHeaders extends Headers {
    override forEach(callback: (value: string, name: string, all: Headers) => void): void {
      for (const [name, value] of this) callback(value, name, this);
    }
  }
  const response = new Response(null);
  Object.defineProperty(response, "headers", { value: new OwnHeaders({ "content-type": "text/plain" }) });
  const answer = await secure(() => response)(get());
  expect(answer).toBe(response);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each(["GET", "POST"])("a policy around another keeps the fields of both, for a %s", async (method) => {
  const inner = policy({ headers: { extra: { "X-Inner": "1" } } })(() => Response.json({}));
  const outer = policy({ headers: { extra: { "X-Outer": "1" } } })((request) => inner(request));
  const body = method === "POST" ? { body: "{}", headers: { "Content-Type": "application/json" } } : {};
  const response = await outer(new Request("https://api.example.com/", { method, ...body }));
  expect(response.status).toBe(200);
  expect(response.headers.get("x-inner")).toBe("1");
  expect(response.headers.get("x-outer")).toBe("1");
});
