import { describe, expect, test } from "vitest";
import { policy, secure } from "../../src/index.ts";
import { get, ok, untyped } from "../lib/harness.ts";

const defaults = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "content-type": "application/json",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-request-id": expect.stringMatching(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/),
};

const nothing: object = Object.create(null);
const equivalents: readonly (readonly [name: string, fetch: (request: Request) => Promise<Response>])[] = [
  ["secure(handler)", secure(ok)],
  ["policy()(handler)", policy()(ok)],
  ["policy()({}, handler)", policy()({}, ok)],
  ["policy({})", policy({})(ok)],
  ["policy(null prototype)", untyped(nothing)(ok)],
  ["policy({ headers: {} })", policy({ headers: {} })(ok)],
  ["policy({ headers: null prototype })", untyped({ headers: nothing })(ok)],
  ["policy({ requestId: {} })", policy({ requestId: {} })(ok)],
  ["policy({ crossOrigin: {} })", policy({ crossOrigin: {} })(ok)],
  ["policy({ routes: {} })", policy({ routes: {} })(ok)],
  ["policy({ checks: [] })", policy({ checks: [] })(ok)],
  ["policy({ rateLimit: [] })", policy({ rateLimit: [] })(ok)],
  ["policy().with({})", policy().with({})(ok)],
];

describe.each(equivalents)("%s", (_name, fetch) => {
  test("sends exactly the default fields", async () => {
    const response = await fetch(get());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual(defaults);
  });

  test("refuses a cross-site POST with the default fields", async () => {
    const response = await fetch(
      new Request("https://api.example.com/", { method: "POST", headers: { "sec-fetch-site": "cross-site" } }),
    );
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "cross_origin_refused" });
    expect(Object.fromEntries(response.headers)).toEqual({ ...defaults, "content-type": "application/problem+json" });
  });
});

test("the default fields fit into 270 bytes", async () => {
  const { headers } = await secure(ok)(get());
  headers.delete("content-type");
  headers.delete("x-request-id");
  const bytes = [...headers].reduce((sum, [name, value]) => sum + `${name}: ${value}`.length, 0);
  expect([...headers]).toHaveLength(7);
  expect(bytes).toBeLessThanOrEqual(270);
});

test("headers: false sends no field but the request id", async () => {
  const { headers } = await policy({ headers: false })(ok)(get());
  expect([...headers.keys()]).toEqual(["content-type", "x-request-id"]);
});

test("secure() passes further arguments of the platform to the handler", async () => {
  const fetch = secure((_request, _context, first: number, second: string) => Response.json([first, second]));
  expect(await (await fetch(get(), 1, "two")).json()).toEqual([1, "two"]);
});

test("a redirect, whose headers are immutable, gets the default fields and keeps its own", async () => {
  const response = await secure(() => Response.redirect("https://api.example.com/new", 303))(get());
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("https://api.example.com/new");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("x-request-id")).not.toBeNull();
});

test("several Set-Cookie fields stay several", async () => {
  const response = await secure(() => {
    const headers = new Headers();
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response(null, { headers });
  })(get());
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
});

test("a response that is not switching protocols gets every field, whatever else is on it", async () => {
  // On Workers the ones with a WebSocket have status 101, and no other can be made.
  const response = await secure(() => Object.assign(new Response(null), { webSocket: {} }))(get());
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test("status 101 passes untouched", async () => {
  // Node cannot construct one; Deno's upgradeWebSocket() gives one.
  const upgrade = Object.defineProperty(new Response(null), "status", { value: 101 });
  const response = await secure(() => upgrade)(get());
  expect(response).toBe(upgrade);
  expect([...response.headers]).toEqual([]);
});

test("a stream is passed on without being read", async () => {
  let pulls = 0;
  const stream = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 });
  const response = await secure(() => new Response(stream, { headers: { "content-type": "text/plain" } }))(get());
  expect(response.body).toBe(stream);
  expect(pulls).toBe(0);
});
