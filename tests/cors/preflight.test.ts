import { describe, expect, test, vi } from "vitest";
import { policy } from "../../src/index.ts";
import {
  accessControl,
  app,
  codeOf,
  foreign,
  hello,
  preflightFrom,
  recorder,
  requestFrom,
  token,
  url,
  varyOf,
} from "./support.ts";

const listed = policy({ cors: { origins: [app], credentials: true } });
const preflightVary = ["access-control-request-headers", "access-control-request-method", "origin"];

async function isAllowed(api: typeof listed, method: string, requestHeaders?: string): Promise<boolean> {
  const response = await api(hello)(preflightFrom(app, method, requestHeaders));
  expect(response.status).toBe(response.headers.has("access-control-allow-origin") ? 204 : 403);
  return response.status === 204;
}

describe("a preflight", () => {
  test("from an allowed origin gets 204 without a body and the configured lists", async () => {
    const response = await listed(hello)(preflightFrom(app, "PUT", "content-type"));
    expect(response.status).toBe(204);
    expect(response.body).toBeNull();
    expect(response.headers.has("content-type")).toBe(false);
    expect(accessControl(response)).toEqual({
      "access-control-allow-origin": app,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, X-API-Key, X-Request-ID, traceparent",
      "access-control-max-age": "7200",
    });
    expect(varyOf(response)).toEqual(preflightVary);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.has("x-request-id")).toBe(true);
  });

  test.each([
    ["a disallowed origin", preflightFrom(foreign)],
    ["an origin that is spelled otherwise", preflightFrom(`${app}/`)],
    ["the origin null", preflightFrom("null")],
    ["a method that is not listed", preflightFrom(app, "PURGE")],
    ["a method in another case", preflightFrom(app, "put")],
    ["an empty method", preflightFrom(app, "")],
    ["two methods", preflightFrom(app, "PUT, DELETE")],
    ["a field that is not listed", preflightFrom(app, "PUT", "x-other")],
  ])("for %s gets 403 without any Access-Control field", async (_, request) => {
    const { events, onEvent } = recorder();
    const response = await listed.with({ onEvent })(hello)(request);
    expect(response.status).toBe(403);
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toEqual(preflightVary);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await codeOf(response)).toBe("preflight_refused");
    expect(events).toMatchObject([{ type: "refused", code: "preflight_refused", status: 403 }]);
  });

  test("where every origin is allowed gets a star, and Vary without Origin", async () => {
    const response = await policy({ cors: { origins: "*" } })(hello)(preflightFrom(foreign));
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
    expect(varyOf(response)).toEqual(["access-control-request-headers", "access-control-request-method"]);
  });

  test("names neither the method nor the fields that were asked for, but what is configured", async () => {
    const api = policy({ cors: { origins: [app], methods: ["PUT", "DELETE"], allowHeaders: ["X-A", "X-B"] } });
    const response = await api(hello)(preflightFrom(app, "PUT", "x-b"));
    expect(response.headers.get("access-control-allow-methods")).toBe("PUT, DELETE");
    expect(response.headers.get("access-control-allow-headers")).toBe("X-A, X-B");
  });

  test("asks never in vain for GET, HEAD and POST, which browsers send unasked", async () => {
    const api = policy({ cors: { origins: [app], methods: ["PUT"] } });
    for (const method of ["GET", "HEAD", "POST", "PUT"]) expect(await isAllowed(api, method)).toBe(true);
    expect(await isAllowed(api, "DELETE")).toBe(false);
  });

  test("is told how long its answer may be kept", async () => {
    const ageOf = async (maxAgeSeconds: number): Promise<string | null> =>
      (await policy({ cors: { origins: [app], maxAgeSeconds } })(hello)(preflightFrom(app))).headers.get(
        "access-control-max-age",
      );
    expect([await ageOf(0), await ageOf(30), await ageOf(86_400)]).toEqual(["0", "30", "86400"]);
  });

  test("may ask for the fields that the policy's authenticator and request id read", async () => {
    const auth = { ...token, fields: ["X-Session"] };
    const api = policy({ cors: { origins: [app] }, auth, requestId: { header: "X-Trace", inbound: "accept" } });
    const response = await api(hello)(preflightFrom(app, "GET", "x-session,x-trace"));
    expect(response.status).toBe(204);
  });
});

describe("stars in the lists", () => {
  const any = policy({ cors: { origins: "*", methods: "*", allowHeaders: "*" } });
  const anyAndAuthorization = policy({ cors: { origins: "*", methods: "*", allowHeaders: ["*", "Authorization"] } });

  test("allow every method and every field but Authorization, which is never covered", async () => {
    expect(await isAllowed(any, "PURGE", "x-anything,content-type")).toBe(true);
    expect(await isAllowed(any, "GET", "authorization")).toBe(false);
    expect(await isAllowed(any, "GET", "AUTHORIZATION,x-anything")).toBe(false);
  });

  test("allow Authorization where it is listed beside the star", async () => {
    expect(await isAllowed(anyAndAuthorization, "GET", "authorization,x-anything")).toBe(true);
    const response = await anyAndAuthorization(hello)(preflightFrom(app));
    expect(response.headers.get("access-control-allow-headers")?.toLowerCase().split(", ").sort()).toEqual([
      "*",
      "authorization",
    ]);
  });

  test("cover no Authorization beside a list of origins either", async () => {
    const api = policy({ cors: { origins: [app], allowHeaders: ["*"] } });
    expect(await isAllowed(api, "GET", "x-anything")).toBe(true);
    expect(await isAllowed(api, "GET", "authorization")).toBe(false);
  });
});

describe("what is a preflight", () => {
  test.each([
    ["without Origin", { "access-control-request-method": "PUT" }],
    ["without Access-Control-Request-Method", { origin: app }],
    ["with Access-Control-Request-Headers only", { origin: app, "access-control-request-headers": "x-a" }],
  ])("an OPTIONS request %s is none and reaches the handler", async (_, headers) => {
    const handler = vi.fn(hello);
    const response = await listed(handler)(new Request(url, { method: "OPTIONS", headers }));
    expect(response.status).toBe(200);
    expect(handler).toHaveBeenCalledOnce();
  });

  test("a GET request with a preflight's fields is none", async () => {
    const response = await listed(hello)(requestFrom(app, "GET", { "access-control-request-method": "PUT" }));
    expect(response.status).toBe(200);
  });
});

describe("a preflight is answered before all else", () => {
  test("without authentication, checks, method rules, cross-origin protection or the handler", async () => {
    const handler = vi.fn(hello);
    const check = vi.fn(() => undefined);
    const api = policy({
      cors: { origins: [app] },
      crossOrigin: { strict: true },
      auth: token,
      checks: [{ name: "own", check }],
    });
    const request = preflightFrom(app, "POST", "authorization");
    request.headers.set("sec-fetch-site", "cross-site");
    const response = await api({ methods: ["POST"] }, handler)(request);
    expect(response.status).toBe(204);
    expect(handler).not.toHaveBeenCalled();
    expect(check).not.toHaveBeenCalled();
  });

  test("and costs no quota, allowed or not", async () => {
    const api = policy({ cors: { origins: [app] }, rateLimit: { limit: 1, windowSeconds: 60 } });
    const run = (request: Request): Promise<Response> => api.run(request, { clientIp: "203.0.113.9" }, hello);
    for (const origin of [app, foreign, app]) {
      const response = await run(preflightFrom(origin));
      expect(response.headers.has("ratelimit")).toBe(false);
    }
    expect((await run(requestFrom(app))).status).toBe(200);
    expect((await run(requestFrom(app))).status).toBe(429);
    expect((await run(preflightFrom(app))).status).toBe(204);
  });

  test("over plain http where https is required: 403 that varies by Origin like every answer", async () => {
    const request = new Request("http://api.example.com/", preflightFrom(app));
    const response = await listed.with({ requireHttps: true })(hello)(request);
    expect(response.status).toBe(403);
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toContain("origin");
    expect(await codeOf(response)).toBe("https_required");
  });

  test("and refused where cors is absent, without Access-Control fields", async () => {
    const handler = vi.fn(hello);
    const response = await policy()(handler)(preflightFrom(app));
    expect(response.status).toBe(403);
    expect(accessControl(response)).toEqual({});
    expect(await codeOf(response)).toBe("preflight_refused");
    expect(handler).not.toHaveBeenCalled();
  });
});
