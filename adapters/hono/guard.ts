import type { Context, MiddlewareHandler, Next } from "hono";
import { nativePlatform, type Platform, type Prepared, type RequestContext } from "../../src/index.ts";

type Contexts = WeakMap<Context, RequestContext>;
type Handle = (request: Request, context: RequestContext, ...native: [Context, Next, Contexts]) => Promise<Response>;
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

/** The contexts that a policy gave for the requests that it is around. */
const contextsOf = oncePer((_: AnyPolicy): Contexts => new WeakMap());

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
  const reads = ["body", "rawBody"].some((key) => key in Object(requirements));
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
    const begun = contextsOf(policy);
    const request = reads && c.req.raw.bodyUsed ? await unread(c) : c.req.raw;
    const context = begun.get(c);
    if (context !== undefined) {
      const tightened = await tighten(context, request);
      if (tightened.refusal !== undefined) return tightened.refusal;
      expose(c, tightened.request, context);
      return next();
    }
    const response = await run(request, platformOf(c), c, next, begun);
    if (c.res === response) return;
    c.res = undefined; // else Hono would write the fields of the old response over those of the new
    c.res = response;
  };
}

/** The policy's handler: all that follows in Hono. What is thrown there has become `c.res`. */
async function handle(request: Request, context: RequestContext, c: Context, next: Next, begun: Contexts) {
  begun.set(c, context);
  expose(c, request, context);
  await next();
  return c.res;
}

function expose(c: Context, request: Request, context: RequestContext): void {
  const { body, query, params, ...known } = context as RequestContext & Record<string, unknown>;
  c.req.raw = request;
  for (const [name, value] of Object.entries({ ...known, clientIp: context.clientIp })) c.set(name, value);
  for (const [target, value] of Object.entries({ json: body, query, param: params })) {
    if (value) c.req.addValidatedData(target as "json" | "query" | "param", value); // the keys of this literal
  }
}

/** A body that was read through `c.req` is in its cache. */
async function unread({ req }: Context): Promise<Request> {
  const { url, method, headers } = req.raw;
  return new Request(url, { method, headers, body: await req.arrayBuffer() });
}

function platformOf(c: Context): Platform {
  const { raw } = c.req;
  const native = nativePlatform(raw, c.env);
  return {
    get clientIp() {
      return "cf" in raw ? (raw.headers.get("cf-connecting-ip") ?? undefined) : native.clientIp; // only Workers have `cf`, and they write this field
    },
    get params() {
      return c.req.param(); // those of the route that asks
    },
    get waitUntil() {
      try {
        return c.executionCtx.waitUntil.bind(c.executionCtx);
      } catch {
        return native.waitUntil; // Hono throws where there is none
      }
    },
  };
}
