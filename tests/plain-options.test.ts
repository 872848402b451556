import { describe, expect, test } from "vitest";
import { policy } from "../src/index.ts";
import { expectMistake, expectProblem, mistakesIn, ok, silent, untyped, untypedRequirements } from "./lib/harness.ts";

describe("a configuration", () => {
  test("with an own __proto__ is refused", () => {
    expect(mistakesIn(JSON.parse('{"__proto__":{"crossOrigin":"off","headers":false}}'))[0]).toMatch(
      /^__proto__: unknown option/,
    );
  });

  test("reads nothing from a polluted Object.prototype", async () => {
    const { prototype } = Object as unknown as { prototype: Record<string, unknown> }; // what a gadget writes to
    Object.assign(prototype, { crossOrigin: "off", contentSecurityPolicy: false });
    try {
      const request = new Request("https://api.example.com/", {
        method: "POST",
        headers: { "sec-fetch-site": "cross-site" },
      });
      const response = await policy({ onEvent: silent })(ok)(request);
      await expectProblem(response, 403, "cross_origin_refused");
      expect(response.headers.has("content-security-policy")).toBe(true);
    } finally {
      delete prototype.crossOrigin;
      delete prototype.contentSecurityPolicy;
    }
  });

  test.each<readonly [string, unknown]>([
    ["a promise", Promise.resolve({ requireHttps: true })],
    ["a Map", new Map([["requireHttps", true]])],
  ])("that is %s is refused, and so are such requirements", (_, value) => {
    expectMistake(value, "policy", /is not an object of options/);
    expect(() => policy()(untypedRequirements(value), ok)).toThrow(/requirements: .* is not an object of options/);
  });

  test.each<readonly [string, unknown]>([
    ["routes", { routes: new Map([["/health", { methods: ["GET"] }]]) }],
    ["headers.extra", { headers: { extra: new Headers({ "x-foo": "1" }) } }],
    // biome-ignore lint/suspicious/noSparseArray: a comma too many
    ["headers.remove", { headers: { remove: ["a", , "b"] } }],
    // biome-ignore lint/suspicious/noSparseArray: a comma too many
    ["cors.methods", { cors: { origins: ["https://a.example"], methods: ["GET", , "PUT"] } }],
    // biome-ignore lint/suspicious/noSparseArray: a comma too many
    ["rateLimit[0]", { rateLimit: [, { name: "a", limit: 1, windowSeconds: 1 }] }],
  ])("with no plain value in %s is refused", (path, config) => {
    expect(mistakesIn(config).join("\n")).toContain(`${path}: `);
  });

  test("is what it was when the policy was made, whatever becomes of its lists", async () => {
    const methods = ["GET"];
    const api = policy({ onEvent: silent, cors: { origins: ["https://app.example.com"], methods } });
    methods.push("TRACE");
    const headers = { origin: "https://app.example.com", "access-control-request-method": "TRACE" };
    expect((await api(ok)(new Request("https://api.example.com/", { method: "OPTIONS", headers }))).status).toBe(403);
  });

  test("is checked again where a handler's own limits compile a part of it anew", () => {
    const cors: Record<string, unknown> = { origins: ["https://app.example.com"], credentials: true };
    const api = untyped({ cors, onEvent: silent });
    const limited = untypedRequirements({ rateLimit: { name: "own", limit: 1, windowSeconds: 1 } });
    expect(() => api(limited, ok)).not.toThrow();
    cors.origins = "*";
    expect(() => api(limited, ok)).toThrow(/cors\.credentials: cannot be true beside origins: "\*"/);
  });

  test("with routes: undefined is refused by with() too", () => {
    expect(() => untyped({ routes: { "/a": { methods: ["GET"] } } }).with({ routes: undefined } as object)).toThrow(
      /routes: is undefined/,
    );
  });

  test.each<readonly [string, unknown]>([
    ["headers.cacheControl", { headers: { cacheControl: Object.create(null) } }],
    ["requestId.header", { requestId: { header: Object.create(null) } }],
    ["keySecret", { keySecret: Object.create(null) }],
    ["rateLimit.name", { rateLimit: { name: Object.create(null), limit: 1, windowSeconds: 1 } }],
    ["auth.fields", { cors: { origins: ["https://a.example"] }, auth: { name: "a", challenge: "A", fields: [5] } }],
  ])("with an object that is no text in %s is refused", (path, config) => {
    expect(mistakesIn(config).join("\n")).toContain(`${path}: `);
  });
});
