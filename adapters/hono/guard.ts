import type { Context, MiddlewareHandler, Next } from "hono";
import { nativePlatform, type Platform, type Prepared, type RequestContext } from "../../src/index.ts";

/** A request's context in Hono, with those that policies gave for it under a symbol of each. */
type Marked = Context & { [policy: symbol]: RequestContext | undefined };
type Handle = (request: Request, context: RequestContext, ...native: [Marked, Next, symbol]) => Promise<Response>;
/** A policy without what it promises in types. */
interface AnyPolicy {
  readonly prepare: (requirements: object, handler: Handle) => Prepared;
}
type MakePolicy = (env: object) => AnyPolicy;
/** A policy, or what makes one from the bindings. */
export type Source = AnyPolicy | MakePolicy;

function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/** Under which a request's context keeps that of a policy that is around it: a WeakMap would outlive its requests for long. */
const symbolOf = oncePer((_: AnyPolicy) => Symbol());

/** But for Workers (not Pages), each request has an `env` of its own: a policy for each would never count beyond one. */
const policiesOf = oncePer((make: MakePolicy) => {
  let made: AnyPolicy | undefined;
  let bindings: object;
  return ({ env, req }: Context) => {
    if (!made || ("cf" in req.raw && !env.eventContext && env !== bindings)) {
      bindings = env;
      made = make(Object(env));
    }
    return made;
  };
});

/**
 * Runs the policy with what follows as its handler; or, where it is around the request already, holds this to the
 * requirements.
 */
export function guard(source: Source, requirements: object): MiddlewareHandler {
  const { body, rawBody } = Object(requirements);
  const reads = body || rawBody;
  const asked = reads ? { ...requirements, rawBody: true } : requirements; // so that it can be read again
  const prepare = oncePer((policy: AnyPolicy) => policy.prepare(asked, handle));
  let policyFor: (c: Context) => AnyPolicy;
  if ("prepare" in source) {
    prepare(source); // mistakes in requirements are told when the app is made
    policyFor = () => source;
  } else policyFor = policiesOf(source);
  return async (c, next) => {
    const policy = policyFor(c);
    const { run, tighten } = prepare(policy);
    const begun = symbolOf(policy);
    const request = reads && c.req.raw.bodyUsed ? await unread(c) : c.req.raw;
    const context = (c as Marked)[begun];
    if (context !== undefined) {
      const tightened = await tighten(context, request);
      if (tightened.refusal !== undefined) return tightened.refusal;
      expose(c, tightened.request, context);
      return next();
    }
    const response = await run(request, new HonoPlatform(c), c, next, begun);
    if (c.res === response) return;
    c.res = undefined; // else Hono would write the fields of the old response over those of the new
    c.res = response;
  };
}

/** The policy's handler: all that follows in Hono. What is thrown there has become `c.res`. */
async function handle(request: Request, context: RequestContext, c: Marked, next: Next, begun: symbol) {
  c[begun] = context;
  expose(c, request, context);
  await next();
  return c.res;
}

function expose(c: Context, request: Request, context: RequestContext): void {
  const { body, query, params, ...known } = context as RequestContext & Record<string, unknown>;
  c.req.raw = request;
  for (const name in known) c.set(name, known[name]);
  c.set("clientIp", context.clientIp);
  if (body) c.req.addValidatedData("json", body);
  if (query) c.req.addValidatedData("query", query);
  if (params) c.req.addValidatedData("param", params);
}

/** A body that was read through `c.req` is in its cache. */
async function unread({ req }: Context): Promise<Request> {
  const { url, method, headers } = req.raw;
  return new Request(url, { method, headers, body: await req.arrayBuffer() });
}

/** A class, for its getters: those of an object literal would be made anew for each request. */
class HonoPlatform implements Platform {
  declare readonly c: Context;
  declare readonly native: Platform;

  constructor(c: Context) {
    this.c = c;
    this.native = nativePlatform(c.req.raw, c.env);
  }

  get clientIp() {
    const { raw } = this.c.req;
    return "cf" in raw ? (raw.headers.get("cf-connecting-ip") ?? undefined) : this.native.clientIp; // only Workers have `cf`, and they write this field
  }

  get params() {
    return this.c.req.param(); // those of the route that asks
  }

  get waitUntil() {
    try {
      return this.c.executionCtx.waitUntil.bind(this.c.executionCtx);
    } catch {
      return this.native.waitUntil; // Hono throws where there is none
    }
  }
}
