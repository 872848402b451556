import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { middleware, requires } from "../../../adapters/hono.ts";
import { ConfigError, optional, policy } from "../../../src/index.ts";
import { expectProblem, recorder, silent } from "../../lib/harness.ts";
import { as, countingTokens, expectFields } from "./support.ts";

describe("scopes", () => {
  const api = policy({ auth: optional(countingTokens()), onEvent: silent });
  const app = new Hono()
    .use(middleware(api))
    .get("/open", (c) => c.text(String(c.var.auth.subject)))
    .get("/admin", requires(api, { scopes: ["admin"] }), (c) => c.text(c.var.auth.subject));

  test("admits who has them", async () => {
    const response = await app.request("/admin", { headers: as("alice=admin") });
    expect([response.status, await response.text()]).toEqual([200, "alice"]);
    expectFields(response);
  });

  test("refuses who has others, and names them in the challenge", async () => {
    const response = await app.request("/admin", { headers: as("alice=notes:read") });
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer realm="api", error="insufficient_scope", scope="admin"',
    );
    expectFields(response);
    await expectProblem(response, 403, "insufficient_scope");
  });

  test("refuses nobody, whom the policy admits, and names them in the challenge", async () => {
    expect(await (await app.request("/open")).text()).toBe("null");
    const response = await app.request("/admin");
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api", scope="admin"');
    expectFields(response);
    await expectProblem(response, 401, "credentials_required");
  });
});

describe("requires()", () => {
  test("refuses other methods, and says which there are", async () => {
    const api = policy({ onEvent: silent });
    const app = new Hono().use(middleware(api));
    app.all("/notes", requires(api, { methods: ["GET"] }), (c) => c.text("notes"));
    expect((await app.request("/notes", { method: "HEAD" })).status).toBe(200);
    const response = await app.request("/notes", { method: "DELETE" });
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    await expectProblem(response, 405, "method_not_allowed");
  });

  test("runs the whole policy where that is not around it", async () => {
    const api = policy({ auth: countingTokens(), cors: { origins: ["https://app.example.com"] }, onEvent: silent });
    const app = new Hono();
    app.get("/open", (c) => c.text("open"));
    app.all("/admin", requires(api, { scopes: ["admin"] }), (c) => c.text(`${c.var.auth.subject} ${c.var.requestId}`));
    expect((await app.request("/open")).headers.has("x-request-id")).toBe(false);
    const response = await app.request("/admin", { headers: as("alice=admin") });
    expect(await response.text()).toBe(`alice ${response.headers.get("x-request-id")}`);
    expectFields(response);
    await expectProblem(await app.request("/admin"), 401, "credentials_required");
    const headers = { Origin: "https://app.example.com", "Access-Control-Request-Method": "PUT" };
    const preflight = await app.request("/admin", { method: "OPTIONS", headers });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, headers.Origin]);
  });

  test("relies on no other policy's authentication", async () => {
    const outer = policy({
      auth: {
        ...countingTokens(),
        authenticate: () => ({ method: "token", subject: "x", scopes: new Set(["admin"] as const) }),
      },
      onEvent: silent,
    });
    const inner = policy({ auth: countingTokens(), onEvent: silent });
    const app = new Hono()
      .use(middleware(outer))
      .get("/admin", requires(inner, { scopes: ["admin"] }), (c) => c.text("in"));
    const response = await app.request("/admin", { headers: { Authorization: "Bearer any" } });
    expect([response.status, (await response.json()).code]).toEqual([401, "invalid_token"]);
  });

  test("hides what a function of a requirement threw", async () => {
    const { events, onEvent } = recorder();
    const api = policy({ auth: countingTokens(), onEvent });
    const app = new Hono().use(middleware(api));
    const check = (): never => {
      throw new Error("password=hunter2");
    };
    app.get("/", requires(api, { check }), (c) => c.text("in"));
    const response = await app.request("/", { headers: as("alice") });
    expectFields(response);
    expect(JSON.stringify(await expectProblem(response, 500, "internal_error"))).not.toContain("hunter2");
    expect(events.map(({ type }) => type)).toEqual(["handler_error"]);
  });

  test("throws every mistake in the requirements when the app is made", () => {
    const api = policy({ onEvent: silent });
    const mistaken: object = { scope: ["admin"] };
    expect(() => requires(api, mistaken)).toThrow(ConfigError);
  });
});
