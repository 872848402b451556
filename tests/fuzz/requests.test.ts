import fc from "fast-check";
import { expect, test } from "vitest";
import { policy, problem } from "../../src/index.ts";
import { membersOf } from "../cors/browser.ts";
import { token } from "../cors/support.ts";
import { fieldOf, options, stopwatch, timeoutMs } from "./support.ts";

const timed = stopwatch("whole requests");

const listed = ["https://app.test", "https://a.wild.test", "http://localhost:3000"];
const secret = "s3cret-of-the-handler";
const marker = "came-with-the-request";

const full = policy({
  cors: { origins: ["https://app.test", "https://*.wild.test", "http://localhost:*"], credentials: true },
  auth: token,
  rateLimit: [
    { name: "ip", limit: 50, windowSeconds: 60 },
    { name: "user", limit: 40, windowSeconds: 60, by: "identity" },
  ],
  routes: { "/open/*": { auth: "none", rateLimit: "none" }, "/hook": { auth: "optional", crossOrigin: "off" } },
  checks: [{ name: "own", check: (request) => (request.headers.has("x-refuse") ? problem(422, "own") : { own: 1 }) }],
  onEvent: () => {
    throw new Error(secret);
  },
});

const fixed = [
  "x-request-id",
  "content-security-policy",
  "x-content-type-options",
  "x-frame-options",
  "referrer-policy",
  "cross-origin-resource-policy",
  "cache-control",
  "strict-transport-security",
];

const kept = new Response(null, { status: 204 });
const handlers: Readonly<Record<string, () => unknown>> = {
  json: () => Response.json({ fine: true }),
  text: () =>
    new Response("fine", {
      status: 201,
      headers: { vary: "Accept", "access-control-allow-origin": "*", "set-cookie": "a=b" },
    }),
  star: () => new Response(null, { status: 304, headers: { vary: "*", etag: '"1"' } }),
  public: () => new Response("", { headers: { "cache-control": "public, s-maxage=9", server: "x" } }),
  redirect: () => Response.redirect("https://elsewhere.test/", 307),
  kept: () => kept,
  used: () => usedUp,
  networkError: () => Response.error(),
  refusal: () => problem(404, "no_such_note"),
  nothing: () => undefined,
  text2: () => secret,
  throws: () => {
    throw new Error(secret);
  },
  throwsNothing: () => {
    throw undefined;
  },
  throwsResponse: () => {
    throw new Response(null, { status: 418 });
  },
  exposed: () => {
    throw Object.assign(new Error(secret), { status: 409, expose: true });
  },
  rejects: () => Promise.reject(Object.create(null)),
};
const usedUp = new Response("once");

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY") },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(..."aZ0!#$-_~"), minLength: 1, maxLength: 9 }) },
);
const origin = fc.option(
  fc.oneof(
    fc.constantFrom(...listed, "null", "https://evil.test", "https://app.test.", "https://api.test"),
    fc.webUrl(),
    fc.string(),
  ),
);
const path = fc.oneof(
  fc.constantFrom("/", "/notes", "/open", "/open/x", "/hook", "/hook/", "/%6fpen", "/%", "/open%2fx"),
  fc.webPath(),
);
const name = fc.oneof(
  fc.constantFrom(
    "access-control-request-method",
    "access-control-request-headers",
    "authorization",
    "cookie",
    "host",
    "sec-fetch-site",
    "upgrade",
    "x-request-id",
    "traceparent",
    "x-refuse",
    "vary",
    "forwarded",
    "x-forwarded-proto",
    "content-type",
    "content-length",
    "if-none-match",
  ),
  fc.string({ unit: fc.constantFrom(..."abx-"), minLength: 1, maxLength: 6 }),
);
const value = fc.oneof(
  fc.constantFrom(
    "Bearer good",
    "Bearer outage",
    "Basic dTpw",
    "PUT",
    "content-type,authorization",
    "same-origin",
    "cross-site",
    "websocket",
    "api.test",
    "chunked",
    marker,
    `${marker}, ${marker}`,
  ),
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => marker + text),
  fc.string({ maxLength: 30 }),
);
const address = fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { nil: undefined });

/** A request of these parts; `undefined` where no client could send it. */
function requestOf(parts: {
  method: string;
  origin: string | null;
  path: string;
  fields: readonly (readonly [string, string])[];
}): Request | undefined {
  const headers = new Headers();
  for (const [each, text] of parts.fields) {
    const field = fieldOf(each, text)?.get(each);
    if (field != null) headers.append(each, field);
  }
  const sent = parts.origin === null ? undefined : fieldOf("origin", parts.origin)?.get("origin");
  if (sent != null) headers.set("origin", sent);
  try {
    return new Request(`https://api.test${parts.path}`, { method: parts.method, headers });
  } catch {
    return undefined;
  }
}

test(
  "every request is answered, with every fixed field, and nothing leaks",
  async () => {
    await usedUp.text();
    const statuses = new Set<number>();
    const parts = fc.record({ method, origin, path, fields: fc.array(fc.tuple(name, value), { maxLength: 6 }) });
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom(...Object.keys(handlers)), address, async (given, chosen, clientIp) => {
        const request = requestOf(given);
        if (request === undefined) return;
        const handler = handlers[chosen] as () => Response; // some give what a handler must not: plain JavaScript may
        const response = await timed(() => full.run(request, { clientIp }, handler));
        statuses.add(response.status);
        for (const each of fixed) expect(response.headers.has(each), each).toBe(true);
        const vary = membersOf(response.headers.get("vary")).map((member) => member.toLowerCase());
        expect(vary.includes("*") || vary.includes("origin"), "Vary").toBe(true);
        const allowed = response.headers.get("access-control-allow-origin");
        if (allowed !== null) expect(allowed).toBe(request.headers.get("origin"));
        expect([null, ...listed]).toContain(allowed);
        expect(response.headers.has("access-control-allow-credentials")).toBe(allowed !== null);
        for (const [, text] of response.headers) expect(text).not.toContain(marker);
        if (response.headers.get("content-type") === "application/problem+json") {
          const body = await response.text();
          expect(body).not.toContain(secret);
          expect(body).not.toContain(marker);
        }
      }),
      options,
    );
    expect(statuses.size).toBeGreaterThan(5);
  },
  timeoutMs,
);
