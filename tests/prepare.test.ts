import { expect, test } from "vitest";
import { type Policy, policy, type RequestContext } from "../src/index.ts";
import { as, get, silent, tokens, untypedRequirements } from "./lib/harness.ts";

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

test("a handler alone asks for nothing more than the policy", async () => {
  const api = policy({ auth: tokens, onEvent: silent });
  const { run } = api.prepare((_request, { auth }) => Response.json(auth.subject));
  expect((await run(get(), {})).status).toBe(401);
  expect(await (await run(get("/", as("u1")), {})).json()).toBe("u1");
});

const handler = (): Response => new Response(null);

test.each([
  ["a handler before its requirements", [handler, { auth: "required" }]],
  ["requirements without a handler", [{}]],
  ["a handler and something else", [{}, handler, 3]],
  ["nothing", []],
])("prepare() refuses %s, which would leave the handler open", (_, given) => {
  const { prepare, prepareOn } = policy();
  for (const prepares of [prepare, prepareOn({})]) {
    const untyped = prepares as unknown as (...given: readonly unknown[]) => unknown; // JavaScript callers have no types
    expect(() => untyped(...given)).toThrow(TypeError);
  }
});

test("a prepared handler says which policy it is", () => {
  const api = policy({ onEvent: silent });
  const { policy: id } = api.prepare(handler);
  expect(id).toBeTypeOf("symbol");
  expect(api.prepareOn({ findsParams: true })({ methods: ["GET"] }, handler).policy).toBe(id);
  expect(api.with({}).prepare(handler).policy).not.toBe(id);
});
