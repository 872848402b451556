import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type FetchHandler, memoryStore, policy, type RateLimitStore } from "../../src/index.ts";
import { as, expectProblem, silent, tokens } from "../lib/harness.ts";
import { send, sending, sendJson } from "./support.ts";

/** A policy with limits, authentication and schemas, and the names of the limits and parts that ran. */
function traced(): { readonly fetch: FetchHandler; readonly ran: string[] } {
  const ran: string[] = [];
  const memory = memoryStore();
  const store: RateLimitStore = {
    ...memory,
    consume: (checks, options) => {
      ran.push(
        ...checks.filter(({ limit }) => limit.name !== "auth-failures").map(({ limit }) => `count ${limit.name}`),
      );
      return memory.consume(checks, options);
    },
  };
  const api = policy({
    auth: {
      ...tokens,
      authenticate: (...args: Parameters<typeof tokens.authenticate>) => {
        ran.push("authenticate");
        return tokens.authenticate(...args);
      },
    },
    content: { maxBodyBytes: 100 },
    rateLimit: [
      { name: "ip", limit: 100, windowSeconds: 60 },
      { name: "user", limit: 1, windowSeconds: 3600, by: "identity" },
    ],
    store,
    checks: [{ name: "check", check: () => void ran.push("check") }],
    onEvent: silent,
  });
  const schema = z.object({ n: z.number() }).refine(() => {
    ran.push("schema");
    return true;
  });
  const { run } = api.prepare({ body: schema }, () => {
    ran.push("handler");
    return new Response(null, { status: 204 });
  });
  return { fetch: (request) => run(request, { clientIp: "192.0.2.1" }), ran };
}

const ann = as("ann");
const type = { "content-type": "application/json" };

describe("before the limits", () => {
  test.each([
    ["a length that is none", 400, "invalid_content_length", { "content-length": "abc" }],
    ["a declared length over the limit", 413, "content_too_large", { "content-length": "101" }],
    ["the media type of a declared body", 415, "unsupported_media_type", { "content-type": "text/plain" }],
    ["a content coding", 415, "unsupported_media_type", { "content-encoding": "gzip" }],
    ["an Accept that fits nothing", 406, "not_acceptable", { accept: "text/html" }],
    ["a method override", 400, "method_override_refused", { "x-http-method-override": "PUT" }],
  ])("%s is refused, and nothing has run", async (_what, status, code, fields) => {
    const { fetch, ran } = traced();
    await expectProblem(await fetch(sendJson({ n: 1 }, { headers: fields })), status, code);
    expect(ran).toEqual([]);
  });

  test("the length comes before the type, and the type before Accept", async () => {
    const { fetch } = traced();
    const fields = { "content-length": "101", "content-type": "text/plain", accept: "text/html" };
    await expectProblem(await fetch(sendJson({}, { headers: fields })), 413, "content_too_large");
    await expectProblem(
      await fetch(sendJson({}, { headers: { ...fields, "content-length": "2" } })),
      415,
      "unsupported_media_type",
    );
  });
});

describe("strangers learn nothing of a schema", () => {
  test.each([
    ["no credential", {}, "credentials_required", ["count ip"]],
    ["a bad credential", { authorization: "Bearer bad" }, "invalid_token", ["count ip", "authenticate"]],
  ])("%s is 401 before 422", async (_what, fields, code, steps) => {
    const { fetch, ran } = traced();
    const response = await fetch(sendJson({ n: "x" }, { headers: fields }));
    expect(await response.clone().text()).not.toContain("errors");
    await expectProblem(response, 401, code);
    expect(ran).toEqual(steps);
  });

  test("not even whether the JSON is any, or an undeclared body has the right type", async () => {
    const { fetch } = traced();
    await expectProblem(await fetch(sendJson("{")), 401, "credentials_required");
    await expectProblem(await fetch(send({ body: "{}" })), 401, "credentials_required");
  });

  test("and none of their body is read", async () => {
    const { fetch } = traced();
    const sender = sending('{"n":', "1}");
    await expectProblem(await fetch(send({ headers: type, body: sender.stream })), 401, "credentials_required");
    expect(sender.pulled).toBe(0);
  });
});

test("who is over the limit by identity is refused before the body is read", async () => {
  const { fetch, ran } = traced();
  expect((await fetch(sendJson({ n: 1 }, { headers: ann }))).status).toBe(204);
  ran.length = 0;
  const sender = sending("not ", "json");
  await expectProblem(await fetch(send({ headers: { ...type, ...ann }, body: sender.stream })), 429, "rate_limited");
  expect(ran).toEqual(["count ip", "authenticate", "count user"]);
  expect(sender.pulled).toBe(0);
});

test("a request that nothing objects to runs through all, in their order", async () => {
  const { fetch, ran } = traced();
  expect((await fetch(sendJson({ n: 1 }, { headers: ann }))).status).toBe(204);
  expect(ran).toEqual(["count ip", "authenticate", "count user", "check", "schema", "handler"]);
});

test.each([
  ["an undeclared body of another type", send({ headers: ann, body: "{}" }), 415, "unsupported_media_type"],
  ["malformed JSON", sendJson("{", { headers: ann }), 400, "malformed_json"],
  ["an unsafe key", sendJson('{"__proto__":1}', { headers: ann }), 400, "unsafe_json"],
  ["a body that the schema refuses", sendJson({ n: "x" }, { headers: ann }), 422, "invalid_body"],
])(
  "%s is refused after authentication, limits and checks, and before the handler",
  async (_what, request, status, code) => {
    const { fetch, ran } = traced();
    await expectProblem(await fetch(request), status, code);
    expect(ran.filter((step) => step !== "schema")).toEqual(["count ip", "authenticate", "count user", "check"]);
  },
);

test("a cross-origin request is refused before its content is looked at", async () => {
  const { fetch, ran } = traced();
  const headers = { origin: "https://evil.example.net", "sec-fetch-site": "cross-site", "content-type": "text/plain" };
  await expectProblem(await fetch(sendJson({}, { headers })), 403, "cross_origin_refused");
  expect(ran).toEqual([]);
});
