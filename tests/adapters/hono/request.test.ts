import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { serve } from "srvx/node";
import { describe, expect, test, vi } from "vitest";
import { middleware, requires } from "../../../adapters/hono.ts";
import { type Policy, policy } from "../../../src/index.ts";
import { expectProblem, recorder, silent } from "../../lib/harness.ts";
import { as, countingTokens, expectFields, json } from "./support.ts";

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

  test("is judged by its body that a middleware has read before, though no field declares it", async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      await c.req.text();
      await next();
    });
    app.use(middleware(policy({ content: { maxBodyBytes: 10 }, onEvent: silent })));
    app.post("/", async (c) => c.text(`read ${await c.req.text()}`));
    // As HTTP/2 sends one, and as Deno hands on a POST without any: not null, and without a length.
    expect(await (await app.request("/", json({ a: 1 }))).text()).toBe('read {"a":1}');
    expect(await (await app.request("/", { method: "POST", body: "" })).text()).toBe("read ");
    await expectProblem(await app.request("/", { method: "POST", body: "a=1" }), 415, "unsupported_media_type");
  });

  test("whose body was read past c.req is a 500 of the policy where something asks for the body, and of no interest else", async () => {
    const { events, onEvent } = recorder();
    const api = policy({ onEvent });
    const app = new Hono();
    app.use(async (c, next) => {
      await c.req.raw.text();
      await next();
    });
    app.post("/asks", requires(api, { rawBody: true }), (c) => c.text("never"));
    app.post("/asks-not", middleware(api), (c) => c.text("answered"));
    await expectProblem(await app.request("/asks", json({ a: 1 })), 500, "internal_error");
    expect(events).toMatchObject([
      { type: "handler_error", error: { message: expect.stringMatching(/locked|unusable|used/i) } },
    ]);
    const response = await app.request("/asks-not", json({ a: 1 }));
    expectFields(response);
    expect(await response.text()).toBe("answered");
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
    ["Bun, in app.fetch(request, { server })", { server: { requestIP: () => ({ address: "192.0.2.7" }) } }],
    [
      "@hono/node-server, in app.fetch(request, { server })",
      { server: { incoming: { socket: { remoteAddress: "192.0.2.7" } } } },
    ],
  ])("tells the address by c.env: %s", async (_, env) => {
    expect(await ip(env)).toBe("192.0.2.7");
  });

  test("is the only one who tells it: no field does", async () => {
    expect(await ip({}, { "X-Forwarded-For": "192.0.2.9", "CF-Connecting-IP": "192.0.2.9" })).toBe("undefined");
  });

  test("is Cloudflare on Workers, whatever its bindings are called", async () => {
    const app = new Hono().use(middleware(policy({ onEvent: silent }))).get("/", (c) => c.json(c.var.clientIp ?? null));
    const bindings = { ip: "198.51.100.1", remoteAddr: { hostname: "198.51.100.1" } }; // they may have any name
    const fromWorkers = (headers: Record<string, string>): Request =>
      Object.assign(new Request("https://api.example.com/", { headers }), { cf: { colo: "ZRH" } });
    expect(await (await app.fetch(fromWorkers({ "CF-Connecting-IP": "192.0.2.7" }), bindings)).json()).toBe(
      "192.0.2.7",
    );
    expect(await (await app.fetch(fromWorkers({}), bindings)).json()).toBe(null);
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

test("the request of srvx says how to wait for work", async () => {
  const work: Promise<unknown>[] = [];
  const app = new Hono().use(middleware(policy({ onEvent: () => Promise.resolve() })));
  app.post("/", (c) => c.text("in"));
  const request = new Request("https://api.example.com/", {
    method: "POST",
    headers: { "Sec-Fetch-Site": "cross-site" },
  });
  const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
  expect((await app.fetch(Object.assign(request, { waitUntil }))).status).toBe(403);
  expect(work).toHaveLength(1);
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

test("a handler that is late learns of it by c.var.signal", async () => {
  let tell = (_name: unknown): void => {};
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const api = policy({ handlerTimeoutMs: 20, onEvent: silent });
  const app = new Hono().use(middleware(api)).get("/", async (c) => {
    const { signal } = c.var;
    await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    tell(signal?.reason.name);
    return c.text("late");
  });
  await expectProblem(await app.request("/"), 503, "handler_timeout");
  expect(await told).toBe("TimeoutError");
});

test("a handler that obeys its signal leaves the answer that its lateness got, and makes no error", async () => {
  const { events, onEvent } = recorder();
  const app = new Hono()
    .use(middleware(policy({ handlerTimeoutMs: 20, onEvent })))
    .get("/", async ({ var: { signal } }) => {
      await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      return new Response();
    });
  app.onError((_, c) => c.text("the app's own words", 500));
  await expectProblem(await app.request("/"), 503, "handler_timeout");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(events).toMatchObject([{ type: "refused", code: "handler_timeout" }]);
});

test("an error that is about another server's 413 is told of", async () => {
  const { events, onEvent } = recorder();
  const app = new Hono().use(middleware(policy({ onEvent }))).get("/", () => {
    throw Object.assign(new Error("upstream"), { status: 413 });
  });
  expect((await app.request("/")).status).toBe(500);
  await vi.waitFor(() => expect(events).toMatchObject([{ type: "handler_error", error: { message: "upstream" } }]));
});

test("what is thrown is told of as an event, with the id of the request, where its answer is a 5xx", async () => {
  const { events, onEvent } = recorder();
  const app = new Hono().use(middleware(policy({ onEvent })));
  app.get("/fails", () => {
    throw new Error("x");
  });
  app.get("/conflict", () => {
    throw new HTTPException(409, { message: "conflict" });
  });
  expect((await app.request("/conflict")).status).toBe(409);
  expect(events).toEqual([]);
  const response = await app.request("/fails");
  expect(response.status).toBe(500);
  await vi.waitFor(() => expect(events).toHaveLength(1));
  expect(events).toMatchObject([
    { type: "handler_error", requestId: response.headers.get("x-request-id"), error: { message: "x" } },
  ]);
});

test("a body that is too long is told of as a refusal, and as no error of the handler that read it", async () => {
  const { events, onEvent } = recorder();
  const app = new Hono().use(middleware(policy({ content: { maxBodyBytes: 10 }, onEvent })));
  app.post("/", async (c) => c.text(await c.req.text()));
  app.onError((_, c) => c.text("the app's own words", 500));
  const init = json("x".repeat(20));
  await expectProblem(await app.request("/", init), 413, "content_too_large");
  await expectProblem(
    await app.request("/", { ...init, headers: { "Content-Type": "application/json", "Content-Length": "1" } }),
    413,
    "content_too_large",
  );
  await Promise.resolve();
  const refused = { type: "refused", code: "content_too_large", status: 413 };
  expect(events).toMatchObject([refused, refused]);
});

describe("a return that was forgotten is a 500 that its event explains, not an empty 200,", () => {
  const nothing = async (): Promise<Response> => undefined as never;
  const answer = (): Response => new Response("reached");

  test.each<[string, (app: Hono, api: Policy) => void]>([
    ["in a handler", (app, api) => app.use(middleware(api)).get("/", nothing)],
    ["in a middleware that does not go on", (app, api) => app.use(middleware(api)).use(nothing).get("/", answer)],
    ["in a handler behind requires()", (app, api) => app.get("/", requires(api, {}), nothing)],
    ["in a handler behind both", (app, api) => app.use(middleware(api)).get("/", requires(api, {}), nothing)],
  ])("%s", async (_, build) => {
    const { events, onEvent } = recorder();
    const app = new Hono();
    build(app, policy({ onEvent }));
    const response = await app.request("/");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    await expectProblem(response, 500, "internal_error");
    const error = new TypeError("the handler must give a Response or a refusal made by problem(), not undefined");
    expect(events).toMatchObject([{ type: "handler_error", error }]);
  });

  test("and where nobody was asked it is 404 still", async () => {
    const app = new Hono().get("/", requires(policy({ onEvent: silent }), {}));
    expect((await app.request("/")).status).toBe(404);
    expect((await app.request("/elsewhere")).status).toBe(404);
  });
});

test("a body that was read before leaves the address of the request to later policies, on srvx", async () => {
  const limited = policy({ rateLimit: { limit: 2, windowSeconds: 60 }, onEvent: silent });
  const app = new Hono();
  app.use(async (c, next) => {
    await c.req.text();
    await next();
  });
  app.post("/", requires(policy({ onEvent: silent }), { rawBody: true }), requires(limited, {}), (c) =>
    c.text(c.var.clientIp ?? "nobody"),
  );
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", silent: true });
  try {
    const { url } = await server.ready();
    const answers = [];
    for (let times = 0; times < 3; times++) {
      const response = await fetch(url ?? "", json({ a: 1 }));
      answers.push(response.status === 200 ? await response.text() : response.status);
    }
    expect(answers).toEqual(["127.0.0.1", "127.0.0.1", 429]);
  } finally {
    await server.close(true);
  }
});
