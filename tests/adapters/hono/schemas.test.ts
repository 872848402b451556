import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { middleware, requires } from "../../../adapters/hono.ts";
import { policy } from "../../../src/index.ts";
import { expectProblem, silent } from "../../lib/harness.ts";
import { expectFields, json } from "./support.ts";

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

  test.each([false, 0, "", null, []])("give the handler %j where that is the body", async (value) => {
    const anything = new Hono();
    if (isAround) anything.use(middleware(api));
    anything.post("/", requires(api, { body: z.any() }), (c) => c.json({ valid: c.req.valid("json") }));
    expect(await (await anything.request("/", json(value))).json()).toEqual({ valid: value });
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

  test("refuse the type of a body of a declared length before it comes", async () => {
    const headers = { "Content-Type": "text/plain", "Content-Length": "2" };
    const init = { ...json({}), headers };
    await expectProblem(await app.request("/notes", init), 415, "unsupported_media_type");
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
