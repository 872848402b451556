import { serve } from "srvx";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueKey, issueToken } from "../../examples/node/credentials.ts";
import { fetch as notes } from "../../examples/node/router.ts";

// What every guide to the headers of an API asks for, of the notes API that `npm start` serves, over a socket.

const app = { Origin: "https://app.example.com" };
const json = { "Content-Type": "application/json" };
let server: ReturnType<typeof serve>;
let url: string;
let reader: { Authorization: string };
let writer: { Authorization: string };

beforeAll(async () => {
  server = serve({ fetch: notes, port: 0, hostname: "127.0.0.1", silent: true });
  await server.ready();
  url = new URL(server.url ?? "").origin;
  reader = { Authorization: `Bearer ${await issueToken("ada", ["notes:read"])}` };
  writer = { Authorization: `Bearer ${await issueToken("bob", ["notes:read", "notes:write"])}` };
});
afterAll(() => server.close(true));

function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url + path, init);
}

async function codeOf(response: Response): Promise<unknown> {
  const body: { code?: unknown } = await response.json();
  return body.code;
}

/** What every answer has, whatever became of the request. */
function expectCommonFields({ headers }: Response): void {
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("cache-control")).toContain("no-store");
  expect(headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(headers.has("x-powered-by")).toBe(false);
  expect(headers.has("server")).toBe(false);
}

test("an answer has the security fields, a request id and the limits", async () => {
  const response = await send("/notes", { headers: { ...app, ...reader } });
  expect(response.status).toBe(200);
  expectCommonFields(response);
  expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  expect(response.headers.get("access-control-allow-credentials")).toBe("true");
  expect(response.headers.get("vary")).toBe("Origin, Authorization, X-API-Key");
  expect(response.headers.get("x-ratelimit-limit")).toMatch(/^\d+$/);
  expect(response.headers.get("x-ratelimit-remaining")).toMatch(/^\d+$/);
  expect(response.headers.get("x-ratelimit-reset")).toMatch(/^\d{10}$/);
  expect(response.headers.get("ratelimit-policy")).toBe('"address";q=60;w=10, "caller";q=20;w=10');
  expect(response.headers.get("ratelimit")).toMatch(/^"address";r=\d+;t=\d+, "caller";r=\d+;t=\d+$/);
});

test("a foreign origin may read nothing", async () => {
  const response = await send("/notes", { headers: { ...reader, Origin: "https://evil.example" } });
  expect(response.headers.has("access-control-allow-origin")).toBe(false);
  expect(response.headers.get("vary")).toContain("Origin");
});

test("a preflight is 204 with the methods, and needs no credential", async () => {
  const response = await send("/notes", {
    method: "OPTIONS",
    headers: {
      ...app,
      "Access-Control-Request-Method": "DELETE",
      "Access-Control-Request-Headers": "authorization, x-api-key",
    },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-methods")).toContain("DELETE");
  expect(response.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("authorization");
  expect(response.headers.get("access-control-max-age")).toMatch(/^\d+$/);
});

test("/health is open", async () => {
  const response = await send("/health");
  expect(response.status).toBe(200);
  expectCommonFields(response);
  expect(response.headers.has("ratelimit")).toBe(false);
});

test("a stranger gets 401 with a challenge", async () => {
  const response = await send("/notes", { headers: app });
  expect(response.status).toBe(401);
  expectCommonFields(response);
  expect(response.headers.get("www-authenticate")).toBe(
    'Bearer realm="api", scope="notes:read", ApiKey realm="api", header="x-api-key"',
  );
  expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
  expect(response.headers.has("ratelimit")).toBe(true);
  expect(await codeOf(response)).toBe("credentials_required");
});

test("an expired token is 401 and says so", async () => {
  const token = await issueToken("ada", ["notes:read"], -60);
  const response = await send("/notes", { headers: { ...app, Authorization: `Bearer ${token}` } });
  expect(response.status).toBe(401);
  expectCommonFields(response);
  expect(response.headers.get("www-authenticate")).toContain('error_description="The access token expired"');
  expect(await codeOf(response)).toBe("token_expired");
});

test("a missing scope is 403 and is named", async () => {
  const response = await send("/notes", {
    method: "POST",
    headers: { ...app, ...reader, ...json },
    body: '{"text":"hello"}',
  });
  expect(response.status).toBe(403);
  expectCommonFields(response);
  expect(response.headers.get("www-authenticate")).toBe(
    'Bearer realm="api", error="insufficient_scope", scope="notes:write"',
  );
  expect(await codeOf(response)).toBe("insufficient_scope");
});

test("an API key does as well as a token", async () => {
  const key = await issueKey("robot", ["notes:read", "notes:write"]);
  const response = await send("/notes", {
    method: "POST",
    headers: { "X-API-Key": key, ...json },
    body: '{"text":"hello"}',
  });
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ author: "robot", text: "hello" });
});

test.each([
  ["a body that is too long", 413, "content_too_large", { body: JSON.stringify({ text: "x".repeat(20_000) }) }],
  ["another media type", 415, "unsupported_media_type", { type: "text/plain", body: "hello" }],
  ["malformed JSON", 400, "malformed_json", { body: "{" }],
  ["a body that is not as the schema says", 422, "invalid_body", { body: '{"text":42}' }],
])("%s is %i", async (_, status, code, { body, type = "application/json" }: { body: string; type?: string }) => {
  const response = await send("/notes", {
    method: "POST",
    headers: { ...app, ...writer, "Content-Type": type },
    body,
  });
  expect(response.status).toBe(status);
  expectCommonFields(response);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  expect(await codeOf(response)).toBe(code);
});

test("what cannot be produced is 406", async () => {
  const response = await send("/notes", { headers: { ...app, ...reader, Accept: "text/csv" } });
  expect(response.status).toBe(406);
  expectCommonFields(response);
  expect(await codeOf(response)).toBe("not_acceptable");
});

test("a method that is not there is 405 with Allow", async () => {
  const response = await send("/notes/42", { method: "PUT", headers: { ...app, ...writer } });
  expect(response.status).toBe(405);
  expectCommonFields(response);
  expect(response.headers.get("allow")).toContain("GET");
});

test("a thrown error is 500 without its message", async () => {
  const response = await send("/crash", { headers: { ...app, ...reader } });
  expect(response.status).toBe(500);
  expectCommonFields(response);
  expect(await response.text()).not.toContain("hunter2");
});

test("too many requests are 429 with Retry-After", async () => {
  const key = await issueKey("hasty", ["notes:read"]);
  const statuses: number[] = [];
  let last: Response | undefined;
  while (last?.status !== 429 && statuses.length < 40) {
    await last?.arrayBuffer();
    last = await send("/notes", { headers: { ...app, "X-API-Key": key } });
    statuses.push(last.status);
  }
  if (last === undefined) throw new Error("nothing was sent");
  expect(last.status).toBe(429);
  expectCommonFields(last);
  expect(last.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect(last.headers.get("x-ratelimit-remaining")).toBe("0");
  expect(last.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  expect(last.headers.get("access-control-expose-headers")).toContain("Retry-After");
  expect(await codeOf(last)).toBe("rate_limited");
});
