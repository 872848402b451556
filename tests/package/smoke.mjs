// A few exchanges with a built package, on whatever Node runs this: node smoke.mjs path/to/dist/index.js
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const entry = process.argv[2];
if (entry === undefined) throw new Error("usage: node smoke.mjs path/to/dist/index.js");
const { ConfigError, memoryStore, policy, problem, secure } = await import(pathToFileURL(resolve(entry)).href);

let exchanges = 0;

/** One request to a fetch handler: checks the status, and the code where it is a problem. */
async function exchange(handler, status, init = {}, code = undefined) {
  const response = await handler(new Request("https://api.example.com/notes", init));
  assert.equal(response.status, status, await response.clone().text());
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
  if (code !== undefined) {
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal((await response.clone().json()).code, code);
  }
  exchanges += 1;
  return response;
}

const json = () => Response.json({ status: "ok" });

// secure(): the defaults
const plain = await exchange(secure(json), 200);
assert.deepEqual(await plain.json(), { status: "ok" });
assert.equal(plain.headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
assert.equal(plain.headers.get("strict-transport-security"), "max-age=63072000");
assert.equal(plain.headers.get("cache-control"), "no-store");
const foreign = { method: "POST", body: "x", headers: { origin: "https://evil.example" } };
await exchange(secure(json), 403, foreign, "cross_origin_refused");
await exchange(
  secure(() => problem(404, "no_such_note")),
  404,
  {},
  "no_such_note",
);

// policy(): every concern
const events = [];
const api = policy({
  cors: { origins: ["https://app.example.com"], credentials: true },
  auth: {
    name: "session",
    challenge: 'Bearer realm="api"',
    present: (request) => request.headers.has("authorization"),
    authenticate: (request) => ({
      method: "session",
      subject: request.headers.get("authorization"),
      scopes: new Set(),
    }),
  },
  rateLimit: { limit: 2, windowSeconds: 60, by: "identity" },
  store: memoryStore(),
  onEvent: (event) => void events.push(event.type),
});
const handler = api({ methods: ["GET", "POST"] }, async (request, { auth }) =>
  Response.json([auth.subject, await request.text()]),
);
const origin = "https://app.example.com";
const preflight = await exchange(handler, 204, {
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": "POST" },
});
assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
assert.equal(preflight.headers.get("access-control-allow-credentials"), "true");

const stranger = await exchange(handler, 401, { headers: { origin } }, "credentials_required");
assert.equal(stranger.headers.get("www-authenticate"), 'Bearer realm="api"');
assert.equal(stranger.headers.get("access-control-allow-origin"), origin);

const known = { method: "POST", body: "hello", headers: { origin, authorization: "u1" } };
assert.deepEqual(await (await exchange(handler, 200, known)).json(), ["u1", "hello"]);
await exchange(handler, 200, known);
const limited = await exchange(handler, 429, known, "rate_limited");
assert.equal(limited.headers.get("retry-after"), "30");
assert.equal(limited.headers.get("access-control-allow-origin"), origin);

const put = await exchange(
  handler,
  405,
  { method: "PUT", headers: { origin, authorization: "u2" } },
  "method_not_allowed",
);
assert.match(put.headers.get("allow") ?? "", /\bGET\b.*\bPOST\b/);
const failing = api(() => {
  throw new Error("a secret");
});
const failed = await exchange(failing, 500, { headers: { authorization: "u3" } }, "internal_error");
assert.doesNotMatch(await failed.text(), /secret/);
assert.ok(events.includes("limited") && events.includes("handler_error"), events.join());

// mistakes are refused at construction
assert.throws(() => policy({ cors: { origins: ["null"] }, rateLimits: [] }), ConfigError);

console.log(`ok: ${exchanges} exchanges on Node ${process.versions.node}`);
