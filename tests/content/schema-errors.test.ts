import { type } from "arktype";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type DescribeIssue, policy, type SchemaIssue } from "../../src/index.ts";
import { expectProblem, get, silent } from "../lib/harness.ts";
import { sendJson } from "./support.ts";

const api = policy({ onEvent: silent });

/** The errors of a schema that finds these issues in everything. */
async function errorsOf(issues: readonly SchemaIssue[], describeIssue?: DescribeIssue): Promise<unknown> {
  const body = { "~standard": { version: 1 as const, vendor: "test", validate: () => ({ issues }) } };
  const requirements = describeIssue === undefined ? { body } : { body, describeIssue };
  const response = await api(requirements, () => new Response(null))(sendJson({}));
  return (await expectProblem(response, 422, "invalid_body")).errors;
}

describe("the pointer of an error (RFC 6901 §6)", () => {
  test.each<readonly [string, SchemaIssue["path"]]>([
    ["#", undefined],
    ["#", []],
    ["#/items/0/name", ["items", 0, "name"]],
    ["#/items/0/name", [{ key: "items" }, { key: 0 }, { key: "name" }]],
    ["#/", [""]],
    ["#/a~1b", ["a/b"]],
    ["#/m~0n", ["m~n"]],
    ["#/~01", ["~1"]],
    ["#/c%25d", ["c%d"]],
    ["#/%20", [" "]],
    ["#/e%5Ef/g%7Ch/i%5Cj/k%22l", ["e^f", "g|h", "i\\j", 'k"l']],
    ["#/%C3%A9/%F0%9F%98%80", ["é", "😀"]],
    ["#/a%23b%3Fc", ["a#b?c"]],
    ["#/Symbol(id)", [Symbol("id")]],
  ])("is %s", async (pointer, path) => {
    expect(await errorsOf([{ message: "wrong", ...(path && { path }) }])).toEqual([{ pointer, detail: "wrong" }]);
  });

  const name = "x".repeat(200);
  test.each<readonly [string, SchemaIssue["path"] & object, string]>([
    ["a name of 200 characters", ["a", name, 0], `#/a/${name}/0`],
    ["200 characters of a longer name", ["a", `${name}y`, 0], `#/a/${name}/0`],
    ["200 characters before they are escaped", ["/".repeat(300)], `#/${"~1".repeat(200)}`],
    ["a whole character where one is cut", [`${name.slice(1)}😀`], `#/${name.slice(1)}%EF%BF%BD`],
    ["a whole character where half of one came", ["\ud83d"], "#/%EF%BF%BD"],
    ["2000 characters in all", [...Array(499).fill("abc"), "ab"], `#${"/abc".repeat(499)}/ab`],
    ["the whole part where it would be longer", Array(500).fill("abc"), "#"],
    ["the whole part where it would be longer as it is escaped", ["€".repeat(200), "€".repeat(200)], "#"],
  ])("has %s", async (_what, path, pointer) => {
    expect(await errorsOf([{ message: "wrong", path }])).toEqual([{ pointer, detail: "wrong" }]);
  });

  test("points into the body that was sent", async () => {
    const schema = z.object({ "a/b": z.array(z.object({ "m n~": z.string() })) });
    const response = await api(
      { body: schema },
      () => new Response(null),
    )(sendJson({ "a/b": [{ "m n~": "x" }, { "m n~": 1 }] }));
    const { errors } = await expectProblem(response, 422, "invalid_body");
    expect(errors).toMatchObject([{ pointer: "#/a~1b/1/m%20n~0" }]);
  });

  test.each(["k", "€", "😀"])("is short where a name is as long as the body, of %s", async (character) => {
    const long = character.repeat(Math.floor(1_040_000 / new TextEncoder().encode(character).byteLength));
    const body = z.record(z.string(), z.array(z.number()));
    const response = await api({ body }, () => new Response(null))(sendJson({ [long]: Array(60).fill("") }));
    const text = await response.clone().text();
    const { errors } = await expectProblem(response, 422, "invalid_body");
    expect(errors).toHaveLength(50);
    expect(text.length).toBeLessThan(200_000);
  });
});

describe("the detail of an error", () => {
  test("is the schema's message, at most 200 characters of it", async () => {
    expect(await errorsOf([{ message: "x".repeat(200) }])).toEqual([{ pointer: "#", detail: "x".repeat(200) }]);
    expect(await errorsOf([{ message: "x".repeat(201) }])).toEqual([{ pointer: "#", detail: "x".repeat(200) }]);
  });

  test("is never cut within a character", async () => {
    const errors = (await errorsOf([{ message: `${"x".repeat(199)}😀` }])) as { detail: string }[]; // as asserted above
    expect(errors[0]?.detail.isWellFormed()).toBe(true);
  });

  test("is what describeIssue makes of it, which is told the part", async () => {
    const describeIssue: DescribeIssue = ({ path }, part) => `${part} ${path?.join(".")} ${"y".repeat(300)}`;
    const errors = await errorsOf([{ message: "canary", path: ["a", 0] }], describeIssue);
    expect(errors).toEqual([{ pointer: "#/a/0", detail: `body a.0 ${"y".repeat(300)}`.slice(0, 200) }]);
  });

  test("of query and parameters goes through describeIssue too", async () => {
    const parts: string[] = [];
    const { run } = api.prepare(
      {
        query: z.object({ page: z.coerce.number() }),
        params: z.object({ id: z.string() }),
        describeIssue: (_issue, part) => {
          parts.push(part);
          return "wrong";
        },
      },
      () => new Response(null),
    );
    const params = await expectProblem(await run(get("/?page=x"), { params: {} }), 400, "invalid_params");
    const query = await expectProblem(await run(get("/?page=x"), { params: { id: "1" } }), 400, "invalid_query");
    expect(params.errors).toEqual([{ pointer: "#/id", detail: "wrong" }]);
    expect(query.errors).toEqual([{ pointer: "#/page", detail: "wrong" }]);
    expect(parts).toEqual(["params", "query"]);
  });

  test("of a describeIssue that throws is a fault of the server", async () => {
    const fetch = api(
      {
        body: z.string(),
        describeIssue: () => {
          throw new Error("canary");
        },
      },
      () => new Response(null),
    );
    const response = await fetch(sendJson({}));
    expect(await response.clone().text()).not.toContain("canary");
    await expectProblem(response, 500, "internal_error");
  });
});

test("a body with a thousand mistakes has a short answer", async () => {
  const fetch = api({ body: z.array(z.string()) }, () => new Response(null));
  const { errors } = await expectProblem(await fetch(sendJson(Array(1000).fill(1))), 422, "invalid_body");
  expect(errors).toHaveLength(50);
});

describe("no submitted value is in an answer", () => {
  const canary = "canary";
  const strict = z.object({
    text: z.number(),
    choice: z.enum(["a", "b"]),
    literal: z.literal("only"),
    email: z.email(),
    uuid: z.uuid(),
    url: z.url(),
    pattern: z.string().regex(/^\d+$/),
    short: z.string().max(2),
    date: z.iso.datetime(),
    flag: z.boolean(),
    list: z.array(z.number()),
    either: z.union([z.number(), z.boolean()]),
    kind: z.discriminatedUnion("type", [z.object({ type: z.literal("a") }), z.object({ type: z.literal("b") })]),
    tuple: z.tuple([z.number(), z.number()]),
    json: z.json().refine(() => false),
    base64: z.base64(),
    custom: z.custom((value) => value === 1),
    coerced: z.coerce.number(),
  });

  test("with zod, for any kind of field", async () => {
    const submitted = Object.fromEntries(Object.keys(strict.shape).map((name) => [name, canary as unknown]));
    const body = { ...submitted, list: [canary], kind: { type: canary }, tuple: [canary, canary] };
    const response = await api({ body: strict }, () => new Response(null))(sendJson(body));
    const text = await response.clone().text();
    const { errors } = await expectProblem(response, 422, "invalid_body");
    expect((errors as unknown[]).length).toBeGreaterThanOrEqual(Object.keys(strict.shape).length); // expectProblem read it
    expect(text).not.toContain(canary);
    expect(JSON.stringify([...response.headers])).not.toContain(canary);
  });

  test("with zod, in query and parameters", async () => {
    const { run } = api.prepare(
      { query: z.object({ page: z.coerce.number() }), params: z.object({ id: z.uuid() }) },
      () => new Response(null),
    );
    const query = await run(get(`/?page=${canary}`), { params: { id: crypto.randomUUID() } });
    const params = await run(get("/"), { params: { id: canary } });
    expect([query.status, params.status]).toEqual([400, 400]);
    expect((await query.text()) + (await params.text())).not.toContain(canary);
  });

  test("with a library whose messages hold values, where describeIssue replaces them", async () => {
    const body = type({ id: "string.uuid" });
    const shown = api({ body }, () => new Response(null));
    const hidden = api({ body, describeIssue: () => "is not as it should be" }, () => new Response(null));
    expect(await (await shown(sendJson({ id: canary }))).text()).toContain(canary);
    const response = await hidden(sendJson({ id: canary }));
    expect(await response.clone().text()).not.toContain(canary);
    expect(await expectProblem(response, 422, "invalid_body")).toMatchObject({
      errors: [{ pointer: "#/id", detail: "is not as it should be" }],
    });
  });
});
