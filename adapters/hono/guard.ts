import type { Context, MiddlewareHandler, Next } from "hono";
import { nativePlatform, type Platform, type Prepared, type RequestContext } from "../../src/index.ts";

type Handle = (request: Request, context: RequestContext, ...native: [Context, Next, Contexts]) => Promise<Response>;
/** A policy without what it promises in types. */
interface AnyPolicy {
  readonly prepare: (requirements: object, handler: Handle) => Prepared;
}
/** A policy, or what makes one from the bindings. */
export type Source = AnyPolicy | ((env: object) => AnyPolicy);
/** The context that a policy gave for each request that it is around. */
type Contexts = WeakMap<Context, RequestContext>;

const contextsByPolicy = new WeakMap<AnyPolicy, Contexts>();
const policiesBySource = new WeakMap<object, WeakMap<object, AnyPolicy>>();

function remembered<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/**
 * Runs the policy with what follows as its handler; or, where it is around the request already, holds this to the
 * requirements.
 */
export function guard(source: Source, requirements: object): MiddlewareHandler {
  const reads = ["body", "rawBody"].some((key) => key in Object(requirements));
  const prepare = (policy: AnyPolicy): readonly [Prepared, Contexts] => [
    policy.prepare(reads ? { ...requirements, rawBody: true } : requirements, handle),
    remembered(contextsByPolicy, policy, () => new WeakMap()),
  ];
  let prepareFor: (env: object) => ReturnType<typeof prepare>;
  if ("prepare" in source) {
    const prepared = prepare(source);
    prepareFor = () => prepared;
  } else {
    const byEnv = new WeakMap<object, ReturnType<typeof prepare>>();
    const policies = remembered(policiesBySource, source, () => new WeakMap());
    prepareFor = (env) => {
      const key = "incoming" in env || "remoteAddr" in env ? source : env;
      return remembered(byEnv, key, () => prepare(remembered(policies, key, () => source(env))));
    };
  }
  return async (c, next) => {
    const [prepared, contexts] = prepareFor(Object(c.env));
    const request = reads && c.req.raw.bodyUsed ? await unread(c) : c.req.raw;
    const context = contexts.get(c);
    if (context !== undefined) {
      const tightened = await prepared.tighten(context, request);
      if (tightened.refusal !== undefined) return tightened.refusal;
      expose(c, tightened.request, context);
      return next();
    }
    const response = await prepared.run(request, platformOf(c), c, next, contexts);
    if (c.finalized && c.res === response) return;
    c.res = undefined; // else Hono would write the fields of the old response over those of the new
    c.res = response;
  };
}

/** The policy's handler: all that follows in Hono. What is thrown there has become `c.res`. */
async function handle(request: Request, context: RequestContext, c: Context, next: Next, contexts: Contexts) {
  contexts.set(c, context);
  expose(c, request, context);
  await next();
  return c.res;
}

function expose(c: Context, request: Request, context: RequestContext): void {
  const { body, query, params, ...known } = context as RequestContext & Record<string, unknown>;
  c.req.raw = request;
  for (const [name, value] of Object.entries(known)) c.set(name, value);
  c.set("clientIp", context.clientIp);
  const valid = { json: body, query, param: params } as const;
  for (const [target, value] of Object.entries(valid))
    if (value) c.req.addValidatedData(target as keyof typeof valid, value);
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
      return native.clientIp ?? ("cf" in raw ? (raw.headers.get("cf-connecting-ip") ?? undefined) : undefined); // only Workers have `cf`, and they write this field
    },
    get params() {
      return c.req.param(); // those of the route that asks
    },
    get waitUntil() {
      try {
        const { executionCtx } = c;
        return (work: Promise<unknown>) => executionCtx.waitUntil(work);
      } catch {
        return native.waitUntil; // Hono throws where there is none
      }
    },
  };
}
