import { describe, expect, test } from "vitest";
import { type Platform, policy, problem } from "../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, thenable, tokens } from "./lib/harness.ts";

class Redirect {
  readonly location = "/elsewhere";
}
const answerThrown: Platform["answerThrown"] = (thrown) =>
  thrown instanceof Redirect ? new Response(null, { status: 307, headers: { location: thrown.location } }) : undefined;
const redirect = (): never => {
  throw new Redirect();
};

describe("answerThrown()", () => {
  test.each([
    ["a handler", policy({ onEvent: silent }), redirect],
    ["an asynchronous handler", policy({ onEvent: silent }), async () => redirect()],
    ["a check", policy({ onEvent: silent, checks: [{ name: "gate", check: redirect }] }), ok],
    [
      "an asynchronous check",
      policy({ onEvent: silent, checks: [{ name: "gate", check: async () => redirect() }] }),
      ok,
    ],
  ])("says what %s means by what it throws, and it leaves with every field", async (_, api, handler) => {
    const response = await api.run(get(), { answerThrown }, handler);
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toBe("/elsewhere");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("says it for a requirement's check too", async () => {
    const { run } = policy({ auth: tokens, onEvent: silent }).prepare({ check: redirect }, ok);
    expect((await run(get("/", as("u1")), { answerThrown })).status).toBe(307);
  });

  test("is asked before onError, and nothing is reported", async () => {
    const { events, onEvent } = recorder();
    const api = policy({ onEvent, onError: () => new Response(null, { status: 418 }) });
    expect((await api.run(get(), { answerThrown }, redirect)).status).toBe(307);
    expect(events).toEqual([]);
  });

  test("may give a refusal", async () => {
    const api = policy({ onEvent: silent });
    const response = await api.run(get(), { answerThrown: () => problem(404, "not_found") }, redirect);
    await expectProblem(response, 404, "not_found");
  });

  test.each([
    [404, "not_found"],
    [403, "forbidden"],
    [418, "client_error"],
    [503, "service_unavailable"],
  ])("may give a status alone: %i is the problem %s", async (status, code) => {
    const response = await policy({ onEvent: silent }).run(get(), { answerThrown: () => status }, redirect);
    await expectProblem(response, status, code);
  });

  test.each([101, 200, 304])("means an error by %i, which is no refusal", async (status) => {
    const { events, onEvent } = recorder();
    const response = await policy({ onEvent }).run(get(), { answerThrown: () => status }, redirect);
    await expectProblem(response, 500, "internal_error");
    expect(events).toMatchObject([{ type: "handler_error" }]);
  });

  test("may give a status that demands a field which nobody knows: it leaves without a body", async () => {
    const response = await policy({ onEvent: silent }).run(get(), { answerThrown: () => 401 }, redirect);
    expect([response.status, await response.text()]).toEqual([401, ""]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("is told of the request as it came", async () => {
    const request = get();
    const seen: unknown[] = [];
    const tell = (_thrown: unknown, asked: Request): number => {
      seen.push(asked);
      return 404;
    };
    await policy({ onEvent: silent }).run(request, { answerThrown: tell }, redirect);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(request);
  });

  test.each([
    ["knows nothing of it", () => undefined],
    ["throws itself", redirect],
  ])("that %s leaves an error, which is reported", async (_, broken) => {
    for (const checks of [[], [{ name: "gate", check: redirect }]]) {
      const { events, onEvent } = recorder();
      const response = await policy({ onEvent, checks }).run(get(), { answerThrown: broken }, redirect);
      await expectProblem(response, 500, "internal_error");
      expect(events.at(-1)).toMatchObject({ type: "handler_error", error: expect.any(Redirect) });
    }
  });
});

describe("what the platform must see itself", () => {
  const rethrow: Platform["answerThrown"] = (thrown) => (thrown instanceof Redirect ? "rethrow" : undefined);
  const gate = (check: () => never | Promise<never>): object => ({ checks: [{ name: "gate", check }] });

  test.each([
    ["a handler", {}, redirect],
    ["an asynchronous handler", {}, async () => redirect()],
    ["a handler with a time limit", { handlerTimeoutMs: 5000 }, async () => redirect()],
    ["a check", gate(redirect), ok],
    ["an asynchronous check", gate(async () => redirect()), ok],
  ])("is let out of %s, and nothing is reported", async (_, config, handler) => {
    const { events, onEvent } = recorder();
    const api = policy({ ...config, onEvent, onError: () => new Response(null, { status: 418 }) });
    await expect(api.run(get(), { answerThrown: rethrow }, handler)).rejects.toBeInstanceOf(Redirect);
    expect(events).toEqual([]);
  });

  test("is let out of a handler whose body is counted", async () => {
    const request = new Request("https://api.example.com/", { method: "POST", body: "text" });
    const { run } = policy({ onEvent: silent }).prepare(async () => redirect());
    await expect(run(request, { answerThrown: rethrow })).rejects.toBeInstanceOf(Redirect);
  });
});

describe("waitUntil()", () => {
  test("that throws, since nothing can keep the platform alive, breaks nothing: the work runs, and its failure is told", async () => {
    const { events, onEvent } = recorder();
    const waitUntil = (): never => {
      throw new Error("called outside a request scope");
    };
    const response = await policy({ onEvent }).run(get(), { waitUntil }, (_request, context) => {
      context.waitUntil(Promise.reject(new Error("later")));
      return ok();
    });
    expect(response.status).toBe(200);
    await Promise.resolve();
    expect(events).toMatchObject([{ type: "handler_error", error: { message: "later" } }]);
  });
});

describe("createRequest()", () => {
  class Own extends Request {
    readonly native = "kept";
    get derived(): string {
      return new URL(this.url).pathname;
    }
    /** As NextRequest has for what it had once. */
    get removed(): never {
      throw new Error("this was removed");
    }
  }
  const createRequest: Platform["createRequest"] = (url, init) => new Own(url, init);
  const send = (): Request =>
    Object.assign(new Own("https://api.example.com/a", { method: "POST", body: "text" }), { added: 1 });

  test("makes the handler's request where its body is counted or read", async () => {
    const api = policy({ onEvent: silent });
    for (const { run } of [api.prepare({}, tell), api.prepare({ rawBody: true }, tell)]) {
      const response = await run(send(), { createRequest });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual(["kept", "/a", 1, "POST", "text"]);
    }
  });

  test("gets the request that came, with what the platform knows of it", async () => {
    const came = send();
    const seen: Request[] = [];
    const make = (url: string, init: RequestInit, request: Request): Request => {
      seen.push(request);
      return new Own(url, init);
    };
    await policy({ onEvent: silent }).prepare({ rawBody: true }, ok).run(came, { createRequest: make });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(came);
  });

  const tell = async (request: Request): Promise<Response> => {
    if (!(request instanceof Own)) throw new Error("another class");
    return Response.json([
      request.native,
      request.derived,
      Reflect.get(request, "added"),
      request.method,
      await request.text(),
    ]);
  };
});

test("a thenable without catch() is taken for work and for an event's delivery", async () => {
  let runs = 0;
  const lazy = (): unknown => thenable((give) => give(++runs));
  const api = policy({ onEvent: lazy });
  const response = await api((_, { waitUntil }) => {
    waitUntil(lazy() as Promise<unknown>); // as JavaScript callers may give
    return ok();
  })(get());
  expect(response.status).toBe(200);
  await api(() => Promise.reject(new Error("x")))(get()); // one event
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(runs).toBe(2);
});
