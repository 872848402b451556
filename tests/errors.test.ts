import { describe, expect, test, vi } from "vitest";
import { type Handler, policy, problem, type RequestContext } from "../src/index.ts";
import { expectProblem, get, ok, recorder, silent, thenable } from "./lib/harness.ts";

const canary = "canary-3f9c";

/** Asserts that neither the body nor a field has the secret. */
async function expectNoLeak(response: Response): Promise<void> {
  const text = JSON.stringify([...response.headers]) + (await response.clone().text());
  expect(text).not.toContain(canary);
  expect(text).not.toContain(".ts:");
}

const throwing =
  (value: unknown): Handler<RequestContext> =>
  () => {
    throw value;
  };
const rejecting =
  (value: unknown): Handler<RequestContext> =>
  () =>
    Promise.reject(value);

const thrown: readonly (readonly [name: string, value: unknown])[] = [
  ["an Error", new Error(canary)],
  ["a TypeError with a cause", new TypeError(canary, { cause: new Error(canary) })],
  ["null", null],
  ["undefined", undefined],
  ["a string", canary],
  ["a number", 404],
  ["a plain object", { status: 404, message: canary }],
  ["an error with a 4xx status that is not exposed", Object.assign(new Error(canary), { status: 404, expose: false })],
  ["an exposed 5xx", Object.assign(new Error(canary), { status: 503, expose: true })],
  ["an exposed 2xx", Object.assign(new Error(canary), { status: 200, expose: true })],
  ["an exposed status that is no number", Object.assign(new Error(canary), { status: "404", expose: true })],
  ["an exposed fractional status", Object.assign(new Error(canary), { status: 404.5, expose: true })],
  ...[401, 405, 407, 426, 429].map(
    (status) => [`an exposed ${status}, which lacks its field`, { status, expose: true, message: canary }] as const,
  ),
];

for (const [way, make] of [
  ["throws", throwing],
  ["rejects with", rejecting],
] as const) {
  test.each(thrown)(`a handler that ${way} %s is a 500 that says nothing of it`, async (_name, value) => {
    const { events, onEvent } = recorder();
    const response = await policy({ onEvent })(make(value))(get("/path?query"));
    await expectNoLeak(response);
    const body = await expectProblem(response, 500, "internal_error");
    expect(body.detail).toBe("The server failed to answer this request.");
    expect(events).toEqual([
      {
        type: "handler_error",
        code: "internal_error",
        error: value,
        requestId: body.requestId,
        method: "GET",
        path: "/path",
      },
    ]);
  });

  test(`a Response that a handler ${way} is the response`, async () => {
    const { events, onEvent } = recorder();
    const response = await policy({ onEvent })(make(Response.json({ teapot: true }, { status: 418 })))(get());
    expect(response.status).toBe(418);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(events).toEqual([]);
  });

  test(`a problem that a handler ${way} is the answer`, async () => {
    const response = await policy({ onEvent: silent })(make(problem(404, "no_such_note")))(get());
    await expectProblem(response, 404, "no_such_note");
  });

  test.each([400, 403, 404, 409, 410, 413, 422, 451])(
    `an exposed %i that a handler ${way} keeps its status, and nothing else of it leaves`,
    async (status) => {
      const error = Object.assign(new Error(canary), { status, expose: true, headers: { "x-leak": canary } });
      const response = await policy({ onEvent: silent })(make(error))(get());
      await expectNoLeak(response);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ status, code: expect.stringMatching(/^[a-z_]+$/) });
    },
  );
}

test("an error is answered and told of where a platform's requests have no signal", async () => {
  const { events, onEvent } = recorder();
  const request = Object.defineProperty(get(), "signal", { value: undefined });
  const response = await policy({ onEvent, onError: () => problem(502, "upstream_failed") })(throwing(1))(request);
  await expectProblem(response, 502, "upstream_failed");
  const unanswered = await policy({ onEvent })(throwing(1))(request);
  await expectProblem(unanswered, 500, "internal_error");
  expect(events).toMatchObject([{ type: "handler_error", error: 1 }]);
});

describe("onError", () => {
  test("answers instead of a handler that threw, with the error and the context", async () => {
    const { onEvent } = recorder();
    const error = new Error(canary);
    const seen: unknown[] = [];
    const api = policy({
      onEvent,
      onError: async (caught, context) => {
        seen.push(caught, context.requestId);
        return Response.json({ sorry: true }, { status: 502 });
      },
    });
    const response = await api(throwing(error))(get());
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ sorry: true });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(seen).toEqual([error, response.headers.get("x-request-id")]);
  });

  test("that gives undefined leaves the answer to the policy", async () => {
    const { events, onEvent } = recorder();
    const response = await policy({ onEvent, onError: () => undefined })(throwing(new Error(canary)))(get());
    await expectNoLeak(response);
    await expectProblem(response, 500, "internal_error");
    expect(events).toHaveLength(1);
  });

  test.each([
    ["throws", throwing(new Error(`second ${canary}`))],
    ["rejects", rejecting(new Error(`second ${canary}`))],
  ])("that %s is a 500, and both errors are reported", async (_name, onError) => {
    const { events, onEvent } = recorder();
    const first = new Error(canary);
    const api = policy({ onEvent, onError: onError as unknown as () => Response }); // it never gives anything
    const response = await api(throwing(first))(get());
    await expectNoLeak(response);
    await expectProblem(response, 500, "internal_error");
    expect(events.map((event) => "error" in event && event.error)).toEqual(
      expect.arrayContaining([first, new Error(`second ${canary}`)]),
    );
  });

  test("that gives no Response is a 500", async () => {
    const onError = (() => "sorry") as unknown as () => Response; // what JavaScript callers may write
    await expectProblem(await policy({ onEvent: silent, onError })(throwing(1))(get()), 500, "internal_error");
  });

  test("never sees a handler that stopped because its client is gone, and no event does", async () => {
    const { events, onEvent } = recorder();
    const onError = vi.fn(ok);
    const gone = new AbortController();
    const fetch = policy({ onEvent, onError })(async (_request, { signal }) => {
      gone.abort();
      signal.throwIfAborted();
      return ok();
    });
    const response = await fetch(new Request("https://api.example.com/", { signal: gone.signal }));
    expect(response.status).toBe(500);
    expect(events).toEqual([]);
    expect(onError).not.toHaveBeenCalled();
    const broken = policy({ onEvent, onError })(async () => {
      throw new Error("another error, of a client that is gone");
    });
    await broken(new Request("https://api.example.com/", { signal: gone.signal }));
    expect(onError).toHaveBeenCalledOnce();
  });

  test("never sees a refusal, a thrown Response or a failure outside the handler", async () => {
    let calls = 0;
    const onError = (): Response => {
      calls++;
      return ok();
    };
    const api = policy({ onEvent: silent, onError, routes: { "/get": { methods: ["GET"] } } });
    await api(ok)(new Request("https://api.example.com/get", { method: "DELETE" }));
    await api(() => problem(404, "x"))(get());
    await api(throwing(problem(404, "x")))(get());
    await api(throwing(ok()))(get());
    await policy({ onEvent: silent, onError, checks: [{ name: "broken", check: throwing(1) as () => never }] })(ok)(
      get(),
    );
    expect(calls).toBe(0);
  });
});

const noAnswers: readonly (readonly [name: string, value: unknown, told: RegExp])[] = [
  ["undefined", undefined, /not undefined/],
  ["null", null, /not null/],
  ["a string", "<h1>hello</h1>", /not string/],
  ["an object", { status: "ok" }, /not object/],
  ["an object like a problem", { status: 404, code: "x" }, /not object/],
  ["Response.error()", Response.error(), /not Response\.error\(\)/],
];

test.each(noAnswers)("a handler that gives %s is a 500, and the event says so", async (_name, value, told) => {
  const { events, onEvent } = recorder();
  const handler = (() => value) as unknown as () => Response; // what JavaScript callers may write
  await expectProblem(await policy({ onEvent })(handler)(get()), 500, "internal_error");
  expect(events).toMatchObject([{ type: "handler_error", error: { message: expect.stringMatching(told) } }]);
});

test("a handler that gives undefined is a 500 also when the request has Upgrade", async () => {
  const handler = (() => undefined) as unknown as () => Response; // what JavaScript callers may write
  const response = await policy({ onEvent: silent })(handler)(
    get("/", { upgrade: "websocket", "sec-fetch-site": "none" }),
  );
  await expectProblem(response, 500, "internal_error");
});

describe("a handler that gives a thenable", () => {
  test("answers with what it resolves to", async () => {
    const handler = (() => thenable((give) => give(ok()))) as unknown as () => Response; // as JavaScript callers may
    expect((await policy()(handler)(get())).status).toBe(200);
  });

  test("has what it rejects with seen by onError", async () => {
    const seen: unknown[] = [];
    const onError = (error: unknown): Response => {
      seen.push(error);
      return new Response(null, { status: 418 });
    };
    const handler = (() => thenable((_, fail) => fail("gone"))) as unknown as () => Response; // as JavaScript callers may
    expect((await policy({ onError })(handler)(get())).status).toBe(418);
    expect(seen).toEqual(["gone"]);
  });
});

test("an error with the status and headers of an upstream's answer is an error", async () => {
  const { events, onEvent } = recorder();
  const headers = new Headers({ "set-cookie": "upstream=1", "access-control-allow-origin": "*" });
  const error = Object.assign(new Error("canary"), { status: 429, headers }); // as the clients of OpenAI and Anthropic throw
  const response = await policy({ onEvent })(() => Promise.reject(error))(get());
  await expectProblem(response, 500, "internal_error");
  expect(response.headers.has("set-cookie")).toBe(false);
  expect(response.headers.has("access-control-allow-origin")).toBe(false);
  expect(events).toMatchObject([{ type: "handler_error", error }]);
});

test("an object with a status and headers is no response", async () => {
  const answer = { status: 200, headers: new Map() } as unknown as Response; // as JavaScript callers may give
  await expectProblem(await policy({ onEvent: silent })(() => answer)(get()), 500, "internal_error");
});

test("a response whose body was read is a 500, and an event says so", async () => {
  const { events, onEvent } = recorder();
  const handler = async (): Promise<Response> => {
    const response = new Response("x");
    await response.text();
    return response;
  };
  await expectProblem(await policy({ onEvent })(handler)(get()), 500, "internal_error");
  expect(events).toMatchObject([{ type: "handler_error" }]);
});

test.each([null, "oops", { status: 200 }])(
  "what onError gives as %j is no answer, and the error is told of",
  async (answer) => {
    const { events, onEvent } = recorder();
    const error = new Error("the one that counts");
    const onError = (): Response => answer as unknown as Response; // as JavaScript callers may give
    const response = await policy({ onError, onEvent })(() => Promise.reject(error))(get());
    await expectProblem(response, 500, "internal_error");
    expect(events).toMatchObject([{ type: "handler_error", error }]);
  },
);
