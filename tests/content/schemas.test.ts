import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Platform, policy } from "../../src/index.ts";
import { expectProblem, get, recorder, silent } from "../lib/harness.ts";
import { libraries } from "./libraries.ts";
import { send, sendJson } from "./support.ts";

const api = policy({ onEvent: silent });

describe.each(libraries)("schemas of $library", ({ note, paging, id }) => {
  const { run } = api.prepare({ body: note, query: paging, params: id }, (_request, { body, query, params }) =>
    Response.json({ body, query, params }),
  );
  const at = (path: string, body: unknown, params: Platform["params"] = { id: "7" }): Promise<Response> =>
    run(sendJson(body, { path }), { params });

  test("give the handler what they make of body, query and parameters", async () => {
    const response = await at("/notes/7?page=3&unknown=1", { title: "  Milk " });
    expect(await response.json()).toMatchObject({
      body: { title: "Milk", tags: [] },
      query: { page: 3 },
      params: { id: 7 },
    });
  });

  test("fill in defaults of the query", async () => {
    expect(await (await at("/notes/7", { title: "Milk" })).json()).toMatchObject({ query: { page: 1 } });
  });

  test("refuse a body with 422, and say where and why", async () => {
    const problem = await expectProblem(await at("/", { title: 5, tags: ["a", 6] }), 422, "invalid_body");
    expect(problem.errors).toEqual([
      { pointer: "#/title", detail: expect.any(String) },
      { pointer: "#/tags/1", detail: expect.any(String) },
    ]);
  });

  test("refuse a body of another kind as a whole", async () => {
    const problem = await expectProblem(await at("/", 5), 422, "invalid_body");
    expect(problem.errors).toEqual([{ pointer: "#", detail: expect.any(String) }]);
  });

  test("refuse a query and parameters with 400", async () => {
    const query = await expectProblem(await at("/?page=x", { title: "Milk" }), 400, "invalid_query");
    expect(query.errors).toEqual([{ pointer: "#/page", detail: expect.any(String) }]);
    const params = await expectProblem(await at("/", { title: "Milk" }, { id: "x" }), 400, "invalid_params");
    expect(params.errors).toEqual([{ pointer: "#/id", detail: expect.any(String) }]);
  });
});

describe("a body schema", () => {
  const fetch = api({ body: z.unknown() }, (_request, { body }) => Response.json({ body }));

  test("implies that bodies are JSON, on a policy that says nothing of content", async () => {
    for (const headers of [{ "content-length": "2" }, {}]) {
      const response = await fetch(send({ headers, body: "{}" }));
      expect(response.headers.get("accept")).toBe("application/json");
      expect(response.headers.get("accept-post")).toBe("application/json");
      await expectProblem(response, 415, "unsupported_media_type");
    }
    await expectProblem(
      await fetch(sendJson({}, { headers: { "content-type": "text/plain" } })),
      415,
      "unsupported_media_type",
    );
    await expectProblem(
      await fetch(sendJson({}, { headers: { "content-encoding": "gzip" } })),
      415,
      "unsupported_media_type",
    );
  });

  test("says nothing of Accept", async () => {
    expect((await fetch(sendJson({}, { headers: { accept: "text/html" } }))).status).toBe(200);
  });

  test("leaves the media types to the policy's content where there is one", async () => {
    const merge = policy({ content: { accepts: ["application/merge-patch+json"] }, onEvent: silent })(
      { body: z.unknown() },
      (_request, { body }) => Response.json({ body }),
    );
    const response = await merge(sendJson({ a: 1 }, { headers: { "content-type": "application/merge-patch+json" } }));
    expect(await response.json()).toEqual({ body: { a: 1 } });
    await expectProblem(await merge(sendJson({})), 415, "unsupported_media_type");
  });

  const typed = (type: string, fields: Readonly<Record<string, string>> = {}): Request =>
    send({ headers: { "content-type": type, ...fields }, body: "{}" });

  test.each([
    ["application/json, text/plain", ["application/json"]],
    ["multipart/form-data, application/*+json, image/png", ["application/vnd.api+json"]],
    ["text/plain, application/problem+json, application/json", ["application/problem+json", "application/json"]],
    ["image/png", ["application/json"]],
    ["text/plain, multipart/form-data, application/x-www-form-urlencoded", ["application/json"]],
  ])("takes of content.accepts what is JSON, or application/json: %s", async (listed, taken) => {
    const accepts = listed.split(", ");
    const listing = policy({ content: { accepts }, onEvent: silent });
    const parse = listing({ body: z.unknown() }, (_request, { body }) => Response.json({ body }));
    const take = listing(async (request) => new Response(await request.text()));
    for (const type of taken) expect((await parse(typed(type))).status).toBe(200);
    for (const type of accepts.filter((each) => !each.endsWith("json"))) {
      for (const fields of [{}, { "content-length": "2" }]) {
        const response = await parse(typed(type, fields));
        expect(response.headers.get("accept")).not.toContain(type);
        await expectProblem(response, 415, "unsupported_media_type");
        expect(await (await take(typed(type, fields))).text()).toBe("{}");
      }
    }
  });

  test("reads bodies of every method that has one", async () => {
    for (const method of ["PUT", "PATCH", "DELETE", "QUERY"])
      expect(await (await fetch(sendJson([method], { method }))).json()).toEqual({ body: [method] });
  });
});

describe("the query", () => {
  const queryOf = async (path: string): Promise<unknown> => {
    const fetch = api({ query: z.unknown() }, (_request, { query }) =>
      Response.json({ query, keys: Object.keys(query as object), isPlain: isPlain(query) }),
    );
    return (await fetch(get(path))).json();
  };
  const isPlain = (value: unknown): boolean => Object.getPrototypeOf(value) === Object.prototype;

  test.each([
    ["/", {}],
    ["/?", {}],
    ["/?a=1", { a: "1" }],
    ["/?a=1&b=2&a=3", { a: ["1", "3"], b: "2" }],
    ["/?b=3&a=&b=1&b=2&a=0", { b: ["3", "1", "2"], a: ["", "0"] }],
    ["/?a=&b", { a: "", b: "" }],
    ["/?a=1%202+3&%C3%A9=%26", { a: "1 2 3", é: "&" }],
    ["/?a=1#b=2", { a: "1" }],
    ["/?a=1?b=2", { a: "1?b=2" }],
    ["/?a[]=1&a[]=2&b[c]=3", { "a[]": ["1", "2"], "b[c]": "3" }],
  ])("of %s is %j", async (path, expected) => {
    expect(await queryOf(path)).toMatchObject({ query: expected, keys: Object.keys(expected), isPlain: true });
  });

  test("has no names that lead to a prototype, and pollutes nothing", async () => {
    const seen = await queryOf("/?__proto__=x&__proto__[isAdmin]=1&constructor=y");
    expect(seen).toMatchObject({ keys: ["__proto__", "__proto__[isAdmin]", "constructor"], isPlain: true });
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
    expect(await queryOf("/?__proto__=x&__proto__=y")).toMatchObject({ keys: ["__proto__"], isPlain: true });
  });

  test("of very many names takes no minute to read", async () => {
    const names = Array.from({ length: 60_000 }, (_, index) => index.toString(36));
    let read: unknown;
    const fetch = api({ query: z.record(z.string(), z.string()) }, (_request, { query }) => {
      read = query;
      return new Response(null, { status: 204 });
    });
    expect((await fetch(get(`/?${names.join("&")}`))).status).toBe(204);
    expect(Object.keys(read as object)).toHaveLength(names.length); // what z.record gives
    const refused = await fetch(get(`/?${names.join("&")}&${names.join("&")}`));
    await expectProblem(refused, 400, "invalid_query");
  });
});

describe("the parameters", () => {
  const { run } = api.prepare({ params: z.object({ id: z.coerce.number() }) }, (_request, { params }) =>
    Response.json(params),
  );

  test("may be a promise, as on Next.js", async () => {
    const response = await run(get(), { params: Promise.resolve({ id: "7" }) });
    expect(await response.json()).toEqual({ id: 7 });
    await expectProblem(await run(get(), { params: Promise.resolve({ id: "x" }) }), 400, "invalid_params");
  });

  test("that are not there fail the schema", async () => {
    await expectProblem(await run(get(), {}), 400, "invalid_params");
  });

  test("that cannot be had are a fault of the server", async () => {
    await expectProblem(await run(get(), { params: Promise.reject(new Error("canary")) }), 500, "internal_error");
  });

  test("are read from the native arguments where there is no adapter", async () => {
    const fetch = api(
      { params: z.object({ id: z.coerce.number() }) },
      (_request, { params }, _native: { readonly params: Promise<unknown> }) => Response.json(params),
    );
    expect(await (await fetch(get(), { params: Promise.resolve({ id: "9" }) })).json()).toEqual({ id: 9 });
  });
});

test("the parameters that Bun puts on the request of a route are read where there is no adapter", async () => {
  const fetch = api({ params: z.object({ id: z.coerce.number() }) }, (_request, { params }) => Response.json(params));
  const request = Object.assign(get(), { params: { id: "9" } });
  expect(await (await fetch(request)).json()).toEqual({ id: 9 });
});

describe("a schema of one's own", () => {
  const schemaThat = (validate: (value: unknown) => unknown) => ({
    "~standard": { version: 1, vendor: "test", validate } as z.ZodType["~standard"], // as a careless author would write it
  });

  test("may be asynchronous", async () => {
    const taken = z.object({ name: z.string().refine(async (name) => name !== "taken") });
    const fetch = api({ body: taken }, (_request, { body }) => Response.json(body));
    expect(await (await fetch(sendJson({ name: "free" }))).json()).toEqual({ name: "free" });
    await expectProblem(await fetch(sendJson({ name: "taken" })), 422, "invalid_body");
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("canary");
      },
    ],
    ["rejects", () => Promise.reject(new Error("canary"))],
    ["gives nothing", () => undefined],
  ])("that %s is a fault of the server, and the handler is not called", async (_name, validate) => {
    const { events, onEvent } = recorder();
    let called = 0;
    const fetch = policy({ onEvent })({ body: schemaThat(validate) }, () => {
      called++;
      return new Response(null);
    });
    const response = await fetch(sendJson({}));
    expect(await response.clone().text()).not.toContain("canary");
    await expectProblem(response, 500, "internal_error");
    expect(called).toBe(0);
    expect(events).toMatchObject([{ type: "handler_error", code: "internal_error" }]);
  });
});
