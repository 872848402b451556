import { describe, expect, test } from "vitest";
import { policy, secure } from "../../src/index.ts";
import { expectProblem, get, recorder } from "../lib/harness.ts";

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
