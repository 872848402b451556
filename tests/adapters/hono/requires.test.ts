import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { middleware, requires } from "../../../adapters/hono.ts";
import { ConfigError, optional, policy } from "../../../src/index.ts";
import { expectProblem, recorder, silent } from "../../lib/harness.ts";
import { as, countingTokens, json } from "./support.ts";

const expectFields = ({ headers }: Response): void => {
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
};

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

describe("a route without authentication", () => {
  const makeApp = () => {
    const auth = countingTokens();
    const seen: unknown[] = [];
    const api = policy({
      auth,
      rateLimit: [
        { name: "address", limit: 1000, windowSeconds: 60 },
        { name: "user", limit: 5, windowSeconds: 60, by: "identity" },
      ],
      authFailures: { limit: 3 },
      clientIp: { onUnknownAddress: "shared" },
      checks: [
        {
          name: "seen",
          check: (_, { auth }) => {
            seen.push(auth.subject);
            return { caller: auth.subject };
          },
        },
      ],
      routes: { "/*": { auth: "none" } },
      onEvent: silent,
    });
    const app = new Hono()
      .use(middleware(api))
      .get("/open", (c) => c.text(c.var.auth.method))
      .get("/admin", requires(api, { scopes: ["admin"] }), (c) =>
        c.json({ subject: c.var.auth.subject, caller: c.var.caller }),
      );
    return { app, auth, seen };
  };

  test("authenticates where a handler asks, with a challenge that names the scopes", async () => {
    const { app, auth } = makeApp();
    expect(await (await app.request("/open", { headers: as("alice=admin") })).text()).toBe("anonymous");
    const refused = await app.request("/admin");
    expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="api", scope="admin"');
    await expectProblem(refused, 401, "credentials_required");
    expect(auth.calls()).toBe(0);
    const response = await app.request("/admin", { headers: as("alice=admin") });
    expect(response.status).toBe(200);
    expect(auth.calls()).toBe(1);
  });

  test("runs the policy's checks for whom it did not know", async () => {
    const { app, seen } = makeApp();
    const response = await app.request("/admin", { headers: as("alice=admin") });
    expect(await response.json()).toEqual({ subject: "alice", caller: "alice" });
    expect(seen).toEqual([null, "alice"]);
  });

  test("counts the identity, and tells of each limit once", async () => {
    const { app } = makeApp();
    for (const left of [4, 3, 2, 1, 0]) {
      const response = await app.request("/admin", { headers: as("alice=admin") });
      expect(response.status).toBe(200);
      expect(response.headers.get("ratelimit-policy")).toBe('"address";q=1000;w=60, "user";q=5;w=60');
      expect(response.headers.get("ratelimit")).toMatch(new RegExp(`"user";r=${left};t=\\d+$`));
    }
    const limited = await app.request("/admin", { headers: as("alice=admin") });
    expectFields(limited);
    await expectProblem(limited, 429, "rate_limited");
  });

  test("throttles bad credentials", async () => {
    const { app } = makeApp();
    const env = { incoming: { socket: { remoteAddress: "192.0.2.1" } } };
    const codes: string[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const response = await app.request("/admin", { headers: { Authorization: "Bearer guess" } }, env);
      codes.push((await response.json()).code);
    }
    expect(codes.at(0)).toBe("invalid_token");
    expect(codes.at(-1)).toBe("rate_limited");
  });
});

describe("nothing is done twice", () => {
  const makeApp = () => {
    const auth = countingTokens();
    const { events, onEvent } = recorder();
    let checked = 0;
    const api = policy({
      auth,
      rateLimit: { name: "all", limit: 10, windowSeconds: 60 },
      clientIp: { onUnknownAddress: "shared" },
      checks: [{ name: "count", check: () => void checked++ }],
      onEvent,
    });
    const app = new Hono();
    const burst = requires(api, { rateLimit: { name: "burst", limit: 5, windowSeconds: 1 } });
    app.use(middleware(api), middleware(api));
    app.use("/deep/*", middleware(api), burst, burst);
    app.get(
      "/deep/notes",
      requires(api, { scopes: ["notes:read"] }),
      burst,
      requires(api, { anyScope: ["admin"] }),
      (c) => c.text("notes"),
    );
    return { app, auth, events, checked: () => checked };
  };

  test("one authentication, one count, one run of the checks, one set of fields", async () => {
    const { app, auth, checked } = makeApp();
    const response = await app.request("/deep/notes", { headers: as("alice=notes:read,admin") });
    expect(response.status).toBe(200);
    expect([auth.calls(), checked()]).toEqual([1, 1]);
    expect(response.headers.get("ratelimit-policy")).toBe('"all";q=10;w=60, "burst";q=5;w=1');
    expect(response.headers.get("ratelimit")).toMatch(/^"all";r=9;t=\d+, "burst";r=4;t=\d+$/);
    expect(response.headers.get("vary")).toBe("Authorization");
  });

  test("every one of several requirements holds", async () => {
    const { app, events } = makeApp();
    const response = await app.request("/deep/notes", { headers: as("alice=notes:read") });
    await expectProblem(response, 403, "insufficient_scope");
    expect(events.map(({ code }) => code)).toEqual(["insufficient_scope"]);
  });
});

describe("limits", () => {
  test("are added under the same fields, which scripts may read", async () => {
    const api = policy({
      cors: { origins: ["https://app.example.com"] },
      clientIp: { onUnknownAddress: "shared" },
      onEvent: silent,
    });
    const app = new Hono().use(middleware(api));
    app.get(
      "/dear",
      requires(api, { rateLimit: { name: "dear", limit: 1, windowSeconds: 60 } }),
      requires(api, {}),
      (c) => c.text("x"),
    );
    const send = () => app.request("/dear", { headers: { Origin: "https://app.example.com" } });
    const first = await send();
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit")).toMatch(/^"dear";r=0;t=\d+$/);
    expect(first.headers.get("access-control-expose-headers")).toContain("RateLimit");
    const second = await send();
    expect(second.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(second.headers.get("ratelimit")).toMatch(/^"dear";r=0;t=\d+$/);
    await expectProblem(second, 429, "rate_limited");
  });
});

describe.each([
  ["with the policy around it", true],
  ["without the policy before it", false],
])("schemas %s", (_, isAround) => {
  const api = policy({ crossOrigin: "off", onEvent: silent });
  const app = new Hono();
  if (isAround) app.use(middleware(api));
  const note = z.object({ title: z.string(), count: z.coerce.number() });
  app.post("/notes", requires(api, { body: note }), async (c) =>
    c.json({ valid: c.req.valid("json"), text: await c.req.text(), raw: c.req.raw.bodyUsed }, 201),
  );
  app.post("/signed", requires(api, { rawBody: true }), async (c) =>
    c.json({ raw: new TextDecoder().decode(c.var.rawBody), json: await c.req.json() }),
  );
  const page = requires(api, { query: z.object({ page: z.coerce.number().int() }) });
  const id = requires(api, { params: z.object({ id: z.coerce.number().int() }) });
  app.get("/notes/:id", page, id, (c) => c.json([c.req.valid("query").page, c.req.valid("param").id]));

  test("give the handler what they made of a body, which it can still read", async () => {
    const sent = { title: "a", count: "2" };
    const response = await app.request("/notes", json(sent));
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ valid: { title: "a", count: 2 }, text: JSON.stringify(sent), raw: true });
  });

  test.each([
    [415, "unsupported_media_type", { ...json({}), headers: { "Content-Type": "text/plain" } }],
    [400, "malformed_json", { ...json({}), body: "{" }],
    [422, "invalid_body", json({ title: 1 })],
    [413, "content_too_large", json("x".repeat(1_048_576))],
  ])("refuse with %i %s", async (status, code, init) => {
    const response = await app.request("/notes", init);
    expectFields(response);
    await expectProblem(response, status, code);
  });

  test("refuse a body without a length as soon as it is too long", async () => {
    const chunk = new Uint8Array(65_536).fill(32);
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
    const init = { method: "POST", body, duplex: "half", headers: { "Content-Type": "application/json" } };
    await expectProblem(await app.request("/notes", init), 413, "content_too_large");
  });

  test("give the bytes of a body, which stays readable", async () => {
    const response = await app.request("/signed", json({ a: 1 }));
    expect(await response.json()).toEqual({ raw: '{"a":1}', json: { a: 1 } });
  });

  test("give the query, and the parameters that Hono's router found", async () => {
    expect(await (await app.request("/notes/7?page=2")).json()).toEqual([2, 7]);
  });

  test.each([
    ["/notes/7?page=x", "invalid_query"],
    ["/notes/x?page=2", "invalid_params"],
  ])("refuse %s", async (path, code) => {
    const response = await app.request(path);
    expectFields(response);
    await expectProblem(response, 400, code);
  });

  test("take a body that was read through c.req before", async () => {
    const logged = new Hono();
    if (isAround) logged.use(middleware(api));
    logged.use(async (c, next) => {
      await c.req.json();
      await next();
    });
    logged.route("/", app);
    const response = await logged.request("/notes", json({ title: "a", count: 1 }));
    expect(await response.json()).toMatchObject({ valid: { title: "a", count: 1 } });
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
