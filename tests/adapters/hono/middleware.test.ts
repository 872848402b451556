import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { describe, expect, test } from "vitest";
import { middleware, requires } from "../../../adapters/hono.ts";
import { memoryStore, type Policy, policy, problem } from "../../../src/index.ts";
import { expectProblem, recorder, silent } from "../../lib/harness.ts";
import { as, countingTokens, json } from "./support.ts";

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

describe("the request", () => {
  test("has its body counted, however the handler reads it", async () => {
    const urlencoded = "application/x-www-form-urlencoded";
    const accepts = ["application/json", "text/plain", urlencoded];
    const app = new Hono();
    app.use(middleware(policy({ content: { maxBodyBytes: 10, accepts }, onEvent: silent })));
    app.onError((_, c) => c.text("the body could not be read", 400));
    app.post("/json", async (c) => c.json(await c.req.json()));
    app.post("/twice", async (c) => c.text((await c.req.text()) + (await c.req.text())));
    app.post("/raw", async (c) => c.text(await c.req.raw.text()));
    app.post("/form", async (c) => c.json(await c.req.parseBody()));
    expect(await (await app.request("/json", json({ a: 1 }))).json()).toEqual({ a: 1 });
    expect(await (await app.request("/twice", { method: "POST", body: "ab" })).text()).toBe("abab");
    const form = new URLSearchParams({ a: "1" });
    expect(await (await app.request("/form", { method: "POST", body: form })).json()).toEqual({ a: "1" });
    for (const path of ["/json", "/twice", "/raw", "/form"]) {
      const body = new Blob(["x".repeat(11)]).stream();
      const headers = { "Content-Type": urlencoded };
      // The init of a stream needs `duplex` (Fetch), which TypeScript's DOM types do not know.
      const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body, duplex: "half", headers };
      const response = await app.request(path, init);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      await expectProblem(response, 413, "content_too_large");
    }
  });

  test("keeps a body that was read through c.req before the policy", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      await c.req.text();
      await next();
    });
    app.use(middleware(policy({ onEvent: silent })));
    app.post("/", async (c) => c.json(await c.req.json()));
    expect(await (await app.request("/", json({ a: 1 }))).json()).toEqual({ a: 1 });
  });

  test("tells its id, address, identity and facts in c.var", async () => {
    const api = policy({
      auth: countingTokens(),
      checks: [{ name: "t", check: () => ({ tenant: "t1" }) }],
      onEvent: silent,
    });
    const app = new Hono().use(middleware(api)).get("/", (c) => {
      const { requestId, clientIp, auth, tenant } = c.var;
      return c.json({ requestId, clientIp, subject: auth.subject, tenant });
    });
    const env = { incoming: { socket: { remoteAddress: "::ffff:192.0.2.1" } } };
    const response = await app.request("/", { headers: as("alice") }, env);
    const requestId = response.headers.get("x-request-id");
    expect(await response.json()).toEqual({ requestId, clientIp: "192.0.2.1", subject: "alice", tenant: "t1" });
  });
});

describe("the platform", () => {
  const ip = async (env?: object, headers?: Record<string, string>) => {
    const app = new Hono().use(middleware(policy({ onEvent: silent }))).get("/", (c) => c.text(String(c.var.clientIp)));
    return (await app.request("/", { headers: headers ?? {} }, env)).text();
  };

  test.each<[string, object]>([
    ["@hono/node-server", { incoming: { socket: { remoteAddress: "192.0.2.7" } } }],
    ["Deno", { remoteAddr: { hostname: "192.0.2.7" } }],
    ["Bun", { requestIP: () => ({ address: "192.0.2.7" }) }],
  ])("tells the address by c.env: %s", async (_, env) => {
    expect(await ip(env)).toBe("192.0.2.7");
  });

  test("is the only one who tells it: no field does", async () => {
    expect(await ip({}, { "X-Forwarded-For": "192.0.2.9", "CF-Connecting-IP": "192.0.2.9" })).toBe("undefined");
  });

  test("waits for work where it can, and its failure is an event", async () => {
    const { events, onEvent } = recorder();
    const work: Promise<unknown>[] = [];
    const fails = (): Promise<void> => Promise.reject(new Error("later"));
    const api = policy({ onEvent, onError: (_, { waitUntil }) => void waitUntil(fails()) });
    const app = new Hono().use(middleware(api)).get("/", () => {
      throw "text";
    });
    const context = {
      waitUntil: (promise: Promise<unknown>) => void work.push(promise),
      passThroughOnException: () => {},
      props: {},
    };
    expect((await app.request("/", {}, {}, context)).status).toBe(500);
    expect(work).toHaveLength(1);
    await Promise.all(work);
    expect(events.filter(({ type }) => type === "handler_error")).toHaveLength(2);
    expect((await app.request("/")).status).toBe(500); // c.executionCtx throws here
  });
});

describe("a policy made from the bindings", () => {
  interface Bindings {
    readonly LIMIT: number;
  }
  const counting = () => {
    let made = 0;
    const source = ({ LIMIT }: Bindings) => {
      made++;
      return policy({
        rateLimit: { limit: LIMIT ?? 5, windowSeconds: 60 },
        clientIp: { onUnknownAddress: "shared" },
        store: memoryStore(),
        onEvent: silent,
      });
    };
    const app = new Hono<{ Bindings: Bindings }>();
    app.use(middleware(source));
    app.get("/", requires(source, { rateLimit: { name: "more", limit: 50, windowSeconds: 60 } }), (c) =>
      c.text(c.var.requestId),
    );
    return { app, made: () => made };
  };
  const limits = (response: Response) => response.headers.get("ratelimit-policy");

  test("is made once for each env object, for middleware() and requires() together", async () => {
    const { app, made } = counting();
    const [first, second] = [{ LIMIT: 10 }, { LIMIT: 20 }];
    expect(limits(await app.request("/", {}, first))).toBe('"default";q=10;w=60, "more";q=50;w=60');
    expect(limits(await app.request("/", {}, second))).toBe('"default";q=20;w=60, "more";q=50;w=60');
    const again = await app.request("/", {}, first);
    expect(again.headers.get("ratelimit")).toMatch(/^"default";r=8;t=\d+, "more";r=48;t=\d+$/);
    expect(made()).toBe(2);
  });

  test.each<[string, () => object | undefined]>([
    ["Node gives each request an env of its own", () => ({ incoming: {}, outgoing: {}, LIMIT: 5 })],
    ["Deno gives each request an env of its own", () => ({ remoteAddr: {}, completed: Promise.resolve() })],
    ["there is none", () => undefined],
  ])("is made once where %s", async (_, makeEnv) => {
    const { app, made } = counting();
    for (const left of [4, 3]) {
      const response = await app.request("/", {}, makeEnv());
      expect(response.headers.get("ratelimit")).toContain(`"default";r=${left};`);
    }
    expect(made()).toBe(1);
  });
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

test("answers a handler that is late, and drops what comes then", async () => {
  const app = new Hono();
  app.use(middleware(policy({ handlerTimeoutMs: 20, onEvent: silent })));
  app.get("/", async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return c.text("late");
  });
  await expectProblem(await app.request("/"), 503, "handler_timeout");
  await new Promise((resolve) => setTimeout(resolve, 60));
});
