import { describe, expect, test } from "vitest";
import { type OnEvent, policy, problem, type Refusal, type RenderProblem, secure } from "../src/index.ts";
import { expectProblem, get, recorder, silent } from "./lib/harness.ts";

/** `problem()` as JavaScript callers meet it. */
const untypedProblem = problem as unknown as (...args: readonly unknown[]) => Refusal;

test("a handler's problem becomes an RFC 9457 body with exactly these members", async () => {
  const response = await secure(() => problem(404, "no_such_note", { detail: "There is no such note." }))(get());
  expect(await expectProblem(response, 404, "no_such_note")).toEqual({
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "There is no such note.",
    code: "no_such_note",
    requestId: response.headers.get("x-request-id"),
  });
});

test("without a detail the body has none", async () => {
  const response = await secure(() => problem(409, "conflict"))(get());
  expect(await expectProblem(response, 409, "conflict")).not.toHaveProperty("detail");
});

test.each([
  [400, "Bad Request"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [410, "Gone"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [422, "Unprocessable Content"],
  [428, "Precondition Required"],
  [500, "Internal Server Error"],
  [503, "Service Unavailable"],
] as const)("the title of %i is %s", async (status, title) => {
  const response = await secure(() => problem(status, "x"))(get());
  expect((await expectProblem(response, status, "x")).title).toBe(title);
});

test("further members extend the body; type and title can be replaced, status, code and requestId cannot", async () => {
  const members = {
    type: "https://example.com/out-of-credit",
    title: "Out of Credit",
    balance: 30,
    status: 200,
    code: "other",
    requestId: "other",
  };
  const response = await secure(() => problem(403, "out_of_credit", { members }))(get());
  expect(await expectProblem(response, 403, "out_of_credit")).toMatchObject({
    type: "https://example.com/out-of-credit",
    title: "Out of Credit",
    balance: 30,
  });
});

test("members that are no JSON are a 500, never a rejection", async () => {
  const { events, onEvent } = recorder();
  const response = await policy({ onEvent })(() => problem(400, "big", { members: { amount: 1n } }))(get());
  await expectProblem(response, 500, "internal_error");
  expect(events).toMatchObject([{ type: "handler_error", code: "internal_error", error: expect.any(TypeError) }]);
});

test("fields of a problem are sent; content type and cache control stay ours", async () => {
  const headers = { "Retry-After": "7", "Content-Type": "text/html", "Cache-Control": "public" };
  const response = await secure(() => problem(503, "down", { headers }))(get());
  await expectProblem(response, 503, "down");
  expect(response.headers.get("retry-after")).toBe("7");
});

test("HEAD gets the status and the fields without a body", async () => {
  const request = new Request("https://api.example.com/", { method: "HEAD" });
  const response = await secure(() => problem(404, "no_such_note"))(request);
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.body).toBeNull();
});

test.each([
  [401, "WWW-Authenticate", 'Bearer realm="api"'],
  [405, "Allow", "GET"],
  [407, "Proxy-Authenticate", "Basic"],
  [426, "Upgrade", "websocket"],
  [429, "Retry-After", "1"],
])("%i needs %s", async (status, name, value) => {
  expect(() => untypedProblem(status, "x")).toThrow(new RegExp(name, "i"));
  expect(() => untypedProblem(status, "x", { headers: { "x-other": "1" } })).toThrow(TypeError);
  for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
    const response = await secure(() => untypedProblem(status, "x", { headers: { [spelling]: value } }))(get());
    expect(response.status).toBe(status);
    expect(response.headers.get(name)).toBe(value);
  }
});

test.each([200, 302, 399, 600, 404.5, Number.NaN, "404", undefined])("refuses the status %j", (status) => {
  expect(() => untypedProblem(status, "x")).toThrow(/400 to 599/);
});

test.each(["", "NoSuchNote", "no-such-note", "no such", "1x", "_x", "x\n", "x\r\ny"])("refuses the code %j", (code) => {
  expect(() => problem(400, code)).toThrow(/snake_case/);
});

test.each([
  ["X-A", "a\r\nSet-Cookie: x=1"],
  ["X-A", ""],
  ["X-A", "☃"],
  ["X A", "a"],
  ["", "a"],
])("refuses the field %j: %j", (name, value) => {
  expect(() => problem(400, "x", { headers: { [name]: value } })).toThrow(/not a field that can be sent/);
});

describe("renderProblem", () => {
  const refuse = (renderProblem: RenderProblem, request = get(), onEvent: OnEvent = silent): Promise<Response> =>
    policy({ renderProblem, onEvent })(() =>
      problem(404, "no_such_note", { detail: "No.", headers: { "x-hint": "h" } }),
    )(request);

  test("emits another shape; status and fields stay", async () => {
    const response = await refuse(({ code, requestId, detail }, { method }) => ({
      contentType: "application/json",
      body: JSON.stringify({ error: code, message: detail, requestId, method }),
    }));
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-hint")).toBe("h");
    expect(await response.json()).toEqual({
      error: "no_such_note",
      message: "No.",
      requestId: response.headers.get("x-request-id"),
      method: "GET",
    });
  });

  test("renders refusals of the policy and errors too", async () => {
    const renderProblem: RenderProblem = ({ code }) => ({ contentType: "text/plain", body: code });
    const api = policy({ renderProblem, onEvent: () => {}, routes: { "/get": { methods: ["GET"] } } });
    const fail = api(() => {
      throw new Error("canary");
    });
    expect(await (await fail(get())).text()).toBe("internal_error");
    const post = await fail(new Request("https://api.example.com/get", { method: "POST" }));
    expect([post.status, post.headers.get("allow"), await post.text()]).toEqual([
      405,
      "GET, HEAD",
      "method_not_allowed",
    ]);
  });

  test("gives HEAD no body", async () => {
    const head = new Request("https://api.example.com/", { method: "HEAD" });
    const response = await refuse(() => ({ contentType: "text/plain", body: "x" }), head);
    expect(response.body).toBeNull();
  });

  const throwing = (): never => {
    throw new Error("canary");
  };
  test.each<readonly [string, (problem: Record<string, unknown>) => unknown]>([
    ["throws", throwing],
    [
      "changes the problem before it throws",
      (problem) => {
        Object.assign(problem, { code: "changed", detail: "canary" });
        throwing();
      },
    ],
    ["gives nothing", () => undefined],
    ["gives null", () => null],
    ["gives a string", () => "x"],
    ["gives a promise that is rejected", async () => throwing()],
    ["gives a promise", async () => ({ contentType: "text/plain", body: "x" })],
    ["gives no body", () => ({ contentType: "text/plain" })],
    ["gives a body that is no text", () => ({ contentType: "text/plain", body: 7 })],
    ["gives no content type", () => ({ body: "x" })],
    ["splits the header", () => ({ contentType: "text/plain\r\nset-cookie: a=1", body: "x" })],
  ])("that %s is passed over: the standard body goes out, and an event says so", async (_name, render) => {
    const { events, onEvent } = recorder();
    const response = await refuse(render as unknown as RenderProblem, get(), onEvent); // what JavaScript callers may write
    const requestId = response.headers.get("x-request-id");
    expect(events).toMatchObject([
      { type: "handler_error", code: "internal_error", requestId, error: expect.any(Error) },
    ]);
    expect(await expectProblem(response, 404, "no_such_note")).toMatchObject({ detail: "No." });
    expect(response.headers.get("set-cookie")).toBeNull();
  });
});
