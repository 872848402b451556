import { expect, test } from "vitest";
import { policy, secure } from "../../src/index.ts";
import { get, recorder } from "../lib/harness.ts";

const page =
  (headers: Record<string, string> = {}) =>
  (): Response =>
    new Response("<p>hello</p>", { headers: { "content-type": "text/html; charset=utf-8", ...headers } });

test('headers: "html" gives a page a policy under which it renders, and nothing else changes', async () => {
  const { events, onEvent } = recorder();
  const fetch = policy({ routes: { "/docs/*": { headers: "html" } }, onEvent })(page());
  const docs = await fetch(get("/docs/a"));
  expect(docs.headers.get("content-security-policy")).toBe(
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  );
  expect(docs.headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
  expect(docs.headers.get("x-frame-options")).toBe("DENY");
  expect(docs.headers.get("x-content-type-options")).toBe("nosniff");
  expect(docs.headers.get("cache-control")).toBe("no-store");
  expect(events).toEqual([]);
});

test('headers: "html" leaves alone what the policy says itself', async () => {
  const headers = {
    contentSecurityPolicy: { defaultSrc: ["'none'"], scriptSrc: ["https://cdn.example.com"] },
    referrerPolicy: "same-origin",
  } as const;
  const fetch = policy({ headers, routes: { "/docs": { headers: "html" } } })(page());
  const docs = await fetch(get("/docs"));
  expect(docs.headers.get("content-security-policy")).toBe("default-src 'none'; script-src https://cdn.example.com");
  expect(docs.headers.get("referrer-policy")).toBe("same-origin");
  const none = { contentSecurityPolicy: false, referrerPolicy: false } as const;
  const bare = await policy({ headers: none, routes: { "/docs": { headers: "html" } } })(page())(get("/docs"));
  expect([bare.headers.get("content-security-policy"), bare.headers.get("referrer-policy")]).toEqual([null, null]);
});

test("a page under a policy that somebody wrote gives no warning", async () => {
  const { events, onEvent } = recorder();
  const headers = { contentSecurityPolicy: { defaultSrc: ["'self'"] } };
  await policy({ headers, onEvent })(page())(get());
  expect(events).toEqual([]);
});

test("a page under the policy of an API gives a warning that names the override", async () => {
  const { events, onEvent } = recorder();
  await policy({ onEvent })(page())(get("/docs?secret=1"));
  expect(events).toMatchObject([
    {
      type: "warning",
      code: "html_under_api_policy",
      path: "/docs",
      message: expect.stringContaining('headers: "html"'),
    },
  ]);
});

test("a page that sets its own policy gives no warning", async () => {
  const { events, onEvent } = recorder();
  const response = await policy({ onEvent })(page({ "content-security-policy": "default-src 'self'" }))(get());
  expect(response.headers.get("content-security-policy")).toBe("default-src 'self'");
  expect(events).toEqual([]);
});

test("headers: false gives no warning about pages", async () => {
  const { events, onEvent } = recorder();
  await policy({ headers: false, onEvent })(page())(get());
  expect(events).toEqual([]);
});

test("a body without a content type gives a warning, and no type is invented", async () => {
  const { events, onEvent } = recorder();
  const response = await policy({ onEvent })(() => new Response(new Uint8Array([1])))(get("/bytes"));
  expect(response.headers.get("content-type")).toBeNull();
  expect(events).toMatchObject([{ type: "warning", code: "content_type_missing", method: "GET", path: "/bytes" }]);
});

test("an empty body needs no content type", async () => {
  const { events, onEvent } = recorder();
  await policy({ onEvent })(() => new Response(null, { status: 204 }))(get());
  expect(events).toEqual([]);
});

test("Server-Timing and other fields of a page stay", async () => {
  const response = await secure(page({ "server-timing": "db;dur=5", "content-language": "de" }))(get());
  expect(response.headers.get("server-timing")).toBe("db;dur=5");
  expect(response.headers.get("content-language")).toBe("de");
});
