import type { Context, MiddlewareHandler, Next } from "hono";
import { nativePlatform, type Platform, type Prepared, type RequestContext, withBody } from "../../src/index.ts";

/** A request's context in Hono, with those that policies gave for it: in a WeakMap they would outlive the request for long. */
type Marked = Context & { [policy: symbol]: RequestContext | undefined };
type Handle = (request: Request, context: RequestContext, ...native: [Marked, Next, symbol]) => Promise<Response>;
/** A policy without what it promises in types. */
interface AnyPolicy {
  readonly prepare: (requirements: object, handler: Handle) => Prepared;
}
type MakePolicy = (env: object) => AnyPolicy;
/** A policy, or what makes one from the bindings. */
export type Source = AnyPolicy | MakePolicy;

/** What each function has made last, for `middleware()` and `requires()` alike. */
const lastMade = new WeakMap<MakePolicy, { readonly env: object; readonly policy: AnyPolicy }>();

/** But for Workers (not Pages), each request has an `env` of its own: a policy for each would never count beyond one. */
function policyFor(make: MakePolicy, { env, req }: Context): AnyPolicy {
  let last = lastMade.get(make);
  if (!last || ("cf" in req.raw && !env.eventContext && env !== last.env)) {
    last = { env, policy: make(Object(env)) };
    lastMade.set(make, last);
  }
  return last.policy;
}

/**
 * Runs the policy with what follows as its handler; or, where it is around the request already, holds this to the
 * requirements.
 */
export function guard(source: Source, requirements: object): MiddlewareHandler {
  const { body, rawBody = body } = Object(requirements);
  const asked = rawBody ? { ...requirements, rawBody: true } : requirements; // so that it can be read again
  let last: AnyPolicy;
  let prepared: Prepared;
  const prepare = (policy: AnyPolicy): Prepared => {
    if (policy !== last) {
      prepared = policy.prepare(asked, handle);
      last = policy;
    }
    return prepared;
  };
  if ("prepare" in source) prepare(source); // mistakes in requirements are told when the app is made
  return async (c, next) => {
    const { policy, run, tighten } = prepare("prepare" in source ? source : policyFor(source, c));
    const context = (c as Marked)[policy];
    let request = c.req.raw;
    try {
      if (request.bodyUsed) request = withBody(request, await c.req.arrayBuffer()); // one that was read through `c.req` is in its cache
    } catch {
      // It was read past that: the policy says that it is gone, where something asks for it.
    }
    if (context) {
      const held = await tighten(context, request);
      if (held.refusal) return held.refusal;
      expose(held.request, context, c);
      await next(); // without what it gives: where nobody answers, Hono gives the context itself
    } else {
      const response = await run(request, new HonoPlatform(c), c, next, policy);
      c.res = undefined; // else Hono would write the fields of the old response over those of the new
      c.res = response;
    }
  };
}

/** The policy's handler: all that follows in Hono. What is thrown there has become `c.res`. */
async function handle(request: Request, context: RequestContext, c: Marked, next: Next, policy: symbol) {
  c[policy] = context;
  expose(request, context, c);
  await next();
  // app.onError has answered; this tells of it.
  if (c.error && c.res.status > 499) context.waitUntil(Promise.reject(c.error));
  // Where a return was forgotten, reading c.res would make an empty 200: the policy answers 500, and says why in its event.
  return c.finalized ? c.res : (undefined as never);
}

function expose(request: Request, context: RequestContext, c: Context): void {
  c.req.raw = request;
  for (const name in context) {
    // Its own, or what schemas and checks have added: of whatever type.
    const value = context[name as keyof RequestContext] as object;
    const target = name === "body" ? "json" : name === "params" ? "param" : name === "query" && name;
    if (target) c.req.addValidatedData(target, value);
    else c.set(name, value);
  }
  c.set("clientIp", context.clientIp);
}

/** A class, for its getters: those of an object literal would be made anew for each request. */
class HonoPlatform implements Platform {
  declare readonly c: Context;
  declare readonly native: Platform;

  constructor(c: Context) {
    this.c = c;
    this.native = nativePlatform(c.req.raw, c.env?.server || c.env); // as Hono's own helpers look for it
  }

  get clientIp() {
    return "cf" in this.c.req.raw ? this.c.req.header("cf-connecting-ip") : this.native.clientIp; // only Workers have `cf`, and they write this field
  }

  get params() {
    return this.c.req.param(); // those of the route that asks
  }

  get waitUntil() {
    // Where there is no executionCtx, Hono throws when somebody looks for it.
    return this.native.waitUntil ?? ((work: Promise<unknown>) => this.c.executionCtx.waitUntil(work));
  }
}
