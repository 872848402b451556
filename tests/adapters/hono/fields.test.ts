import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { describe, expect, test } from "vitest";
import { middleware } from "../../../adapters/hono.ts";
import { type Policy, policy, problem } from "../../../src/index.ts";
import { expectProblem, silent } from "../../lib/harness.ts";

const origin = "https://app.example.com";
const fromApp = { headers: { Origin: origin } };

function makeApi(): Policy {
  return policy({
    cors: { origins: [origin] },
    rateLimit: { limit: 1000, windowSeconds: 60 },
    clientIp: { onUnknownAddress: "shared" },
    onEvent: silent,
  });
}

/** Every field, once. */
function expectFields({ headers }: Response, left = 999): void {
  expect(headers.get("access-control-allow-origin")).toBe(origin);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("vary")).toBe("Origin");
  expect(headers.get("x-ratelimit-remaining")).toBe(String(left));
}

describe("every field is on", () => {
  const cases: readonly [name: string, status: number, path: string, add: (app: Hono) => void][] = [
    ["what app.notFound answers", 404, "/none", (app) => app.notFound((c) => c.text("nothing", 404))],
    ["the 404 of Hono itself", 404, "/none", () => {}],
    ["the 404 of a route that has no such method", 404, "/a", (app) => app.post("/a", (c) => c.text("a"))],
    ["a redirect", 302, "/a", (app) => app.get("/a", (c) => c.redirect("/b"))],
    ["a redirect with immutable headers", 302, "/a", (app) => app.get("/a", () => Response.redirect(origin, 302))],
    [
      "what app.onError answers",
      418,
      "/a",
      (app) => {
        app.onError((error, c) => c.text(error.message, 418));
        app.get("/a", () => {
          throw new Error("teapot");
        });
      },
    ],
    [
      "the 500 of Hono itself",
      500,
      "/a",
      (app) =>
        app.get("/a", () => {
          throw Object.assign(new Error("x"), { getResponse: () => new Response("x", { status: 500 }) });
        }),
    ],
    [
      "an HTTPException",
      409,
      "/a",
      (app) =>
        app.get("/a", () => {
          throw new HTTPException(409, { message: "conflict" });
        }),
    ],
    [
      "an HTTPException with an immutable response",
      401,
      "/a",
      (app) =>
        app.get("/a", () => {
          throw new HTTPException(401, { res: Response.redirect(origin, 301) });
        }),
    ],
    [
      "a Response that was thrown",
      402,
      "/a",
      (app) =>
        app.get("/a", () => {
          throw new Response("pay", { status: 402 });
        }),
    ],
    [
      "a refusal that was thrown",
      404,
      "/a",
      (app) =>
        app.get("/a", () => {
          throw problem(404, "no_such_note");
        }),
    ],
    [
      "what is no Error and was thrown",
      500,
      "/a",
      (app) =>
        app.get("/a", () => {
          throw "text";
        }),
    ],
    ["what fetch() gave", 200, "/a", (app) => app.get("/a", () => fetch("data:text/plain,upstream"))],
    [
      "a response whose fields a middleware wrote before",
      200,
      "/a",
      (app) => {
        app.use(async (c, next) => {
          c.header("Referrer-Policy", "no-referrer");
          c.res.headers.set("X-Request-ID", "theirs");
          await next();
        });
        app.get("/a", () => Response.json({}, { headers: { "Access-Control-Allow-Origin": "*" } }));
      },
    ],
    [
      "a response that a middleware made anew",
      200,
      "/a",
      (app) => {
        app.use(async (c, next) => {
          await next();
          c.res = new Response(c.res.body, { status: 200, headers: { "X-Request-ID": "theirs" } });
        });
        app.get("/a", (c) => c.text("a"));
      },
    ],
  ];

  test.each(cases)("%s", async (_, status, path, add) => {
    const app = new Hono();
    app.use(middleware(makeApi()));
    add(app);
    const response = await app.request(path, fromApp);
    expect(response.status).toBe(status);
    expectFields(response);
    expect(response.headers.get("x-request-id")).not.toBe("theirs");
  });

  test("a refusal, also where a middleware before wrote fields", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      c.res.headers.set("X-Request-ID", "theirs");
      await next();
    });
    app.use(middleware(makeApi()));
    const response = await app.request("/", { method: "POST", headers: { Origin: "https://evil.example.net" } });
    expect(response.headers.get("x-request-id")).not.toBe("theirs");
    await expectProblem(response, 403, "cross_origin_refused");
  });
});

describe("in apps of apps", () => {
  test.each<[string, (api: Policy) => Pick<Hono, "request">]>([
    ["app.route() with the policy around it", (api) => new Hono().use(middleware(api)).route("/v1", notes())],
    [
      "app.route() with the policy in it",
      (api) => new Hono().route("/v1", new Hono().use(middleware(api)).route("/", notes())),
    ],
    ["basePath()", (api) => new Hono().basePath("/v1").use(middleware(api)).route("/", notes())],
    [
      "three apps, the policy in each",
      (api) => {
        const inner = new Hono().use(middleware(api)).route("/", notes());
        const middle = new Hono().use(middleware(api)).route("/", inner);
        return new Hono().use(middleware(api), middleware(api)).route("/v1", middle);
      },
    ],
    [
      "a middleware of paths",
      (api) => new Hono().use("/v1/*", middleware(api)).use("/v1/notes", middleware(api)).route("/v1", notes()),
    ],
  ])("%s", async (_, make) => {
    const app = make(makeApi());
    const response = await app.request("/v1/notes", fromApp);
    expect(await response.text()).toBe("notes");
    expectFields(response);
    const failed = await app.request("/v1/fails", fromApp);
    expect([failed.status, await failed.text()]).toEqual([503, "the inner app's words"]);
    expect(failed.headers.get("x-content-type-options")).toBe("nosniff");
  });

  function notes(): Hono {
    const app = new Hono();
    app.onError((_, c) => c.text("the inner app's words", 503));
    app.get("/notes", (c) => c.text("notes"));
    app.get("/fails", () => {
      throw new Error("x");
    });
    return app;
  }
});

test("goes together with Hono's own middleware, whose fields count as the handler's", async () => {
  const app = new Hono();
  app.use(middleware(makeApi()));
  app.use(secureHeaders({ referrerPolicy: "same-origin" }));
  app.get("/", (c) => c.text("a"));
  const { headers } = await app.request("/", fromApp);
  expect(headers.get("referrer-policy")).toBe("same-origin");
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
});
