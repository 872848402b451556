import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, policy, secure } from "../src/index.ts";
import { expectProblem } from "./lib/harness.ts";

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

test.each([[["GET"]], [["HEAD"]], [["GET", "HEAD"]]])(
  "refuses the schema of a body that never comes, with %j",
  (methods) => {
    const api = policy({ onEvent: () => {} });
    expect(() => api({ body: z.object({}), methods }, handler)).toThrow(/requirements\.body: never comes/);
    expect(() => api({ body: z.object({}), methods: [...methods, "POST"] }, handler)).not.toThrow();
  },
);

test("a body that is missing is told apart from one that is broken", async () => {
  const fetch = policy({ onEvent: () => {} })({ body: z.object({}) }, handler);
  const detailOf = async (body: string | null): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(new Request("https://api.example.com/", { method: "POST", headers, body }));
    return (await expectProblem(response, 400, "malformed_json")).detail;
  };
  expect(await detailOf(null)).toBe("A body of JSON is required.");
  expect(await detailOf("{")).toBe("The body is not valid JSON in UTF-8.");
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
