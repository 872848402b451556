import { expect, test } from "vitest";
import { ConfigError, policy, secure } from "../src/index.ts";

const handler = (): Response => new Response(null);

/** What JavaScript callers may write, and types refuse. */
const untyped = (callable: unknown): ((...given: readonly unknown[]) => unknown) =>
  callable as (...given: readonly unknown[]) => unknown;

test.each([
  ["a handler before its requirements", [handler, { auth: "required" }]],
  ["requirements without a handler", [{}]],
  ["a handler and something else", [{}, handler, 3]],
  ["nothing", []],
])("a policy refuses %s, which would leave the handler open", (_what, given) => {
  expect(() => untyped(policy())(...given)).toThrow(TypeError);
});

test("secure() refuses what is no handler", () => {
  expect(() => untyped(secure)()).toThrow(TypeError);
});

test.each([[null], [[]], ["cors"], [5]])("policy() refuses %j as a configuration", (config) => {
  expect(() => untyped(policy)(config)).toThrow(ConfigError);
});

test.each(["/users/:id", "/users/{id}", "/api/[id]"])("refuses the pattern %s as a path", (path) => {
  expect(() => untyped(policy)({ routes: { [path]: { rateLimit: "none" } } })).toThrow(/a path is literal/);
});

test("policies that share a store share what stands in for it while it is down", async () => {
  const store = {
    name: "down",
    capabilities: { algorithms: ["gcra"], exact: true, atomic: true, remaining: true },
    consume: () => {
      throw new Error("down");
    },
  } as const;
  const api = policy({ store, rateLimit: { limit: 1, windowSeconds: 60 }, onEvent: () => {} });
  const statusOf = async (some: typeof api): Promise<number> =>
    (await some.run(new Request("https://api.example.com/"), { clientIp: "192.0.2.1" }, handler)).status;
  expect([await statusOf(api), await statusOf(api.with({ requestId: false }))]).toEqual([200, 429]);
});
