import { describe, expect, test } from "vitest";
import { type Platform, policy, problem } from "../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, tokens, untypedRequirements } from "./lib/harness.ts";

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

describe("a prepared handler needs the peer's address", () => {
  const limit = { name: "a", limit: 1, windowSeconds: 1 };
  const needs = (config: object, requirements: object = {}): boolean =>
    policy(config).prepare(untypedRequirements(requirements), ok).needsPeer;

  test.each<[string, object, object?]>([
    ["of the policy", { rateLimit: limit }],
    ["of a route", { routes: { "/a": { rateLimit: limit } } }],
    ["of its requirements", {}, { rateLimit: limit }],
    [
      "behind proxies that are known by their addresses",
      { rateLimit: limit, clientIp: { trustedProxies: ["10.0.0.0/8"] } },
    ],
    ["with a clientIp that names no source", { rateLimit: limit, clientIp: { ipv6PrefixBits: 56 } }],
  ])("for a limit by address %s", (_, config, requirements) => {
    expect(needs(config, requirements)).toBe(true);
  });

  test.each<[string, object, object?]>([
    ["there is no limit", {}],
    ["a limit counts identities", { auth: tokens, rateLimit: { ...limit, by: "identity" } }],
    ["a limit counts something else", { rateLimit: { ...limit, dangerouslyBy: () => "a" } }],
    ["a number of proxies is trusted", { rateLimit: limit, clientIp: { trustedHops: 1 } }],
    ["a field is trusted", { rateLimit: limit, clientIp: { header: "x-real-ip" } }],
    ["unknown clients share a bucket", { rateLimit: limit, clientIp: { onUnknownAddress: "shared" } }],
    ["unknown clients are refused", { rateLimit: limit, clientIp: { onUnknownAddress: "refuse" } }],
  ])("not where %s", (_, config, requirements) => {
    expect(needs(config, requirements)).toBe(false);
  });
});
