import { describe, expect, test } from "vitest";
import { handshakeFields, type Sent } from "../client.ts";
import type { Subject } from "../conformance.ts";
import { app, foreign } from "../origins.ts";
import { expectCounted, expectListed, expectPolicy, expectProblem, fieldsOf } from "./expectations.ts";

function preflight(origin: string, method: string, headers?: string): Sent {
  return {
    method: "OPTIONS",
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": method,
      ...(headers !== undefined && { "Access-Control-Request-Headers": headers }),
    },
  };
}

/** CORS, and the protection of requests that change something. */
export function crossOrigin({ send }: Subject): void {
  test.each([app, "https://a.tenants.example.com", "https://a.b.tenants.example.com", "http://localhost:5173"])(
    "lets %s read",
    async (origin) => {
      expectPolicy(await send("/json", { headers: { Origin: origin } }), origin);
    },
  );

  test.each([
    foreign,
    "null",
    "https://tenants.example.com",
    "https://app.example.com.",
    "https://app.example.com:8443",
    "http://app.example.com",
    "https://APP.example.com",
    "https://app.example.com.evil.example.net",
  ])("adds no Access-Control field for %s, and says that the answer depends on it", async (origin) => {
    const response = await send("/json", { headers: { Origin: origin } });
    expect(response.status).toBe(200);
    expectPolicy(response, undefined);
  });

  test.each([
    ["of the list's first origin", app],
    ["of a wildcard origin", "https://a.tenants.example.com"],
  ])("answers a preflight %s without asking for credentials or counting it", async (_, origin) => {
    const response = await send("/private/me", preflight(origin, "PUT", "authorization, content-type"));
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(fieldsOf(response, "access-control-")).toEqual({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": expect.stringContaining("Authorization, Content-Type"),
      "access-control-max-age": "7200",
    });
    expectListed(
      response.headers.get("vary"),
      "Origin",
      "Access-Control-Request-Method",
      "Access-Control-Request-Headers",
    );
    expect(fieldsOf(response, "ratelimit", "x-ratelimit-")).toEqual({});
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ["from a foreign origin", preflight(foreign, "PUT")],
    ["for a method that is not listed", preflight(app, "REPORT")],
    ["for a field that is not listed", preflight(app, "PUT", "x-secret")],
  ])("refuses a preflight %s without any Access-Control field", async (_, sent) => {
    const response = await send("/json", sent);
    expect(fieldsOf(response, "access-control-")).toEqual({});
    expectListed(response.headers.get("vary"), "Origin", "Access-Control-Request-Method");
    await expectProblem(response, 403, "preflight_refused");
  });

  test.each([
    ["cross-site", { Origin: foreign, "Sec-Fetch-Site": "cross-site" }],
    ["same-site", { Origin: foreign, "Sec-Fetch-Site": "same-site" }],
    ["pre-2023 browser's", { Origin: foreign }],
    ["sandboxed", { Origin: "null" }],
  ])("refuses a %s POST from a foreign origin", async (_, headers) => {
    const response = await send("/echo", { method: "POST", headers, body: "transfer" });
    expectPolicy(response, undefined);
    expect(fieldsOf(response, "ratelimit", "x-ratelimit-")).toEqual({});
    await expectProblem(response, 403, "cross_origin_refused");
  });

  test.each([
    ["of a listed origin", { Origin: app, "Sec-Fetch-Site": "cross-site" }, app],
    ["of a listed origin in an old browser", { Origin: app }, app],
    ["of the same origin", { Origin: foreign, "Sec-Fetch-Site": "same-origin" }, undefined],
    ["of no browser", {}, undefined],
  ])("lets a POST %s pass", async (_, headers, allowed) => {
    const response = await send("/echo", { method: "POST", headers, body: "note" });
    expect(response.status).toBe(200);
    expectPolicy(response, allowed);
    expectCounted(response, "wide", 100_000, 60);
    expect(await response.text()).toBe("note");
  });

  test("refuses a WebSocket handshake of a foreign origin's page, which is a GET with cookies", async () => {
    const headers = { ...handshakeFields, Origin: foreign, "Sec-Fetch-Site": "cross-site" };
    const response = await send("/websocket", { headers });
    expectPolicy(response, undefined);
    await expectProblem(response, 403, "cross_origin_refused");
  });

  test("lets a route that proves its senders otherwise be called from anywhere", async () => {
    const response = await send("/webhook", { method: "POST", headers: { Origin: foreign } });
    expect(response.status).toBe(202);
    expectPolicy(response, undefined);
  });

  describe("without Sec-Fetch-Site", () => {
    test("compares Origin with the Host field", async () => {
      const headers = { Host: "api.example.org", Origin: "https://api.example.org" };
      const response = await send("/echo", { method: "POST", headers, body: "own" });
      expect(response.status).toBe(200);
      expectPolicy(response, undefined);
    });

    test("refuses the Origin of another port of the same host", async () => {
      const headers = { Host: "api.example.org", Origin: "https://api.example.org:8443" };
      await expectProblem(await send("/echo", { method: "POST", headers }), 403, "cross_origin_refused");
    });
  });
}
