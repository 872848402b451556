import { expect, test } from "vitest";
import { policy, secure } from "../src/index.ts";
import { expectProblem } from "./lib/harness.ts";

test("secure() puts the default fields over a handler's response", async () => {
  const response = await secure(() => Response.json({ status: "ok" }))(new Request("https://api.example.com/"));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
  expect(Object.fromEntries(response.headers)).toEqual({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "content-type": "application/json",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test.each([
  ["secure()", secure],
  ["policy()", policy({ onEvent: () => {} })],
])("%s refuses a preflight, and no handler sees it", async (_, protect) => {
  let hasRun = false;
  const fetch = protect(() => {
    hasRun = true;
    return new Response(null);
  });
  const headers = { origin: "https://app.example.com", "access-control-request-method": "PUT" };
  const response = await fetch(new Request("https://api.example.com/", { method: "OPTIONS", headers }));
  await expectProblem(response, 403, "preflight_refused");
  expect(hasRun).toBe(false);
});

test("what is called without a request rejects, and does not throw", async () => {
  const fetch = secure(() => new Response(null)) as (request?: unknown) => Promise<Response>; // as JavaScript may call it
  await expect(fetch()).rejects.toThrow(TypeError);
});
