import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../src/index.ts";
import { expectProblem, get, issuesFrom, ok, silent, tokens, untypedRequirements } from "./lib/harness.ts";

describe("on a platform that does not know who connects, a prepared handler", () => {
  const limit = { name: "a", limit: 1, windowSeconds: 1 };
  const issuesOf = (config: object, requirements: object = {}) =>
    issuesFrom(() => policy(config).prepareOn({ knowsPeer: false })(untypedRequirements(requirements), ok));

  test.each<[string, object, object?]>([
    ["of the policy", { rateLimit: limit }],
    ["of a route", { routes: { "/a": { rateLimit: limit } } }],
    ["of its requirements", {}, { rateLimit: limit }],
    [
      "behind proxies that are known by their addresses",
      { rateLimit: limit, clientIp: { trustedProxies: ["10.0.0.0/8"] } },
    ],
    ["with a clientIp that names no source", { rateLimit: limit, clientIp: { ipv6PrefixBits: 56 } }],
  ])(
    "is refused for a limit by address %s, which would never act: the choices are named",
    (_, config, requirements) => {
      const [issue, ...more] = issuesOf(config, requirements);
      expect(more).toEqual([]);
      expect(issue?.path).toBe("clientIp");
      expect(issue?.message).toMatch(/header: "x-real-ip".*trustedHops: 1.*onUnknownAddress: "shared"/);
    },
  );

  test.each<[string, object, object?]>([
    ["there is no limit", {}],
    ["a limit counts identities", { auth: tokens, rateLimit: { ...limit, by: "identity" } }],
    ["a limit counts something else", { rateLimit: { ...limit, dangerouslyBy: () => "a" } }],
    ["a number of proxies is trusted", { rateLimit: limit, clientIp: { trustedHops: 1 } }],
    ["a field is trusted", { rateLimit: limit, clientIp: { header: "x-real-ip" } }],
    ["unknown clients share a bucket", { rateLimit: limit, clientIp: { onUnknownAddress: "shared" } }],
    ["unknown clients are refused", { rateLimit: limit, clientIp: { onUnknownAddress: "refuse" } }],
  ])("is fine where %s", (_, config, requirements) => {
    expect(issuesOf(config, requirements)).toEqual([]);
  });

  test("is told of it together with the mistakes in its requirements", () => {
    const issues = issuesOf({ rateLimit: limit }, { scope: [] });
    expect(issues.map(({ path }) => path)).toEqual(["requirements.scope", "clientIp"]);
  });

  test("is told nothing on other platforms", () => {
    const { prepare, prepareOn } = policy({ rateLimit: limit });
    for (const prepares of [prepare, prepareOn({}), prepareOn({ knowsPeer: true })])
      expect(issuesFrom(() => prepares(ok))).toEqual([]);
  });
});

describe("on a platform that finds parameters, a handler", () => {
  const api = policy({ onEvent: silent });
  const prepare = api.prepareOn({ findsParams: true });
  const tell = (_request: Request, context: object): Response =>
    Response.json("params" in context ? context.params : "none");

  test.each([
    ["as they are", { id: "7" }],
    ["which come later", Promise.resolve({ id: "7" })],
  ])("gets them, %s", async (_, params) => {
    const response = await prepare(tell).run(get(), { params });
    expect(await response.json()).toEqual({ id: "7" });
  });

  test("gets none where the path has none", async () => {
    expect(await (await prepare(tell).run(get(), {})).json()).toEqual({});
  });

  test("gets what a schema makes of them", async () => {
    const { run } = prepare({ params: z.object({ id: z.coerce.number() }) }, tell);
    expect(await (await run(get(), { params: { id: "7" } })).json()).toEqual({ id: 7 });
    await expectProblem(await run(get(), { params: { id: "x" } }), 400, "invalid_params");
  });

  test("gets them beside a body that is counted or read", async () => {
    const send = (): Request =>
      new Request("https://api.example.com/", {
        method: "POST",
        body: "{}",
        headers: { "content-type": "application/json" },
      });
    for (const { run } of [prepare(tell), prepare({ body: z.object({}) }, tell)])
      expect(await (await run(send(), { params: { id: "7" } })).json()).toEqual({ id: "7" });
  });

  test("gets none on other platforms, where no schema reads them", async () => {
    expect(await (await api.prepare(tell).run(get(), { params: { id: "7" } })).json()).toBe("none");
  });
});
