import { expect, test } from "vitest";
import { type Policy, policy, type RequestContext } from "../src/index.ts";
import { get, silent, tokens, untypedRequirements } from "./lib/harness.ts";

/** Runs a policy, with `tighten` called in its handler. */
async function tighten(outer: Policy, inner: Policy, contextOf: (context: RequestContext) => RequestContext) {
  const { tighten } = inner.prepare({}, () => new Response("never called"));
  return outer.run(get(), {}, async (request, context) => {
    await expect(tighten(contextOf(context), request)).rejects.toThrow(TypeError);
    return new Response("in");
  });
}

const itself = (context: RequestContext): RequestContext => context;

test("a request is not held to the requirements of another policy, which relies on its own steps", async () => {
  const outer = policy({ onEvent: silent });
  expect((await tighten(outer, outer.with({}), itself)).status).toBe(200);
});

test("a copy of a context is no context", async () => {
  const api = policy({ onEvent: silent });
  expect((await tighten(api, api, (context) => ({ ...context }))).status).toBe(200);
});

test("tightening gives the request on, and a refusal as a response", async () => {
  const api = policy({ auth: tokens, routes: { "/*": { auth: "none" } }, onEvent: silent });
  const strict = api.prepare({ auth: "required" }, () => new Response("never called"));
  const response = await api.run(get(), {}, async (request, context) => {
    const { refusal, request: same } = await strict.tighten(context, request);
    expect(same).toBe(request);
    return refusal ?? new Response("in");
  });
  expect(response.status).toBe(401);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test("mistakes in requirements are told when they are prepared, not when a request comes", () => {
  const api = policy({ onEvent: silent });
  expect(() => api.prepare(untypedRequirements({ scope: ["a"] }), () => new Response())).toThrow("scope");
});
