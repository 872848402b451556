import {
  type Added,
  type AnySchema,
  type AuthState,
  type MaybePromise,
  type Policy,
  type Prepared,
  type Refusal,
  type RequestContext,
  type Requirements,
  type ScopeOf,
  secure,
  type Tightened,
} from "../src/index.ts";

export { type BindingStoreOptions, bindingStore, type RateLimitBinding } from "../src/rate-limit/stores/binding.ts";
export type { RateLimiterNamespace, RateLimiterStub } from "../src/rate-limit/stores/durable-object.ts";
export { type DurableObjectStoreOptions, durableObjectStore } from "../src/rate-limit/stores/durable-object.ts";
export { RateLimiter, type RateLimiterState, type RateLimiterStorage } from "../src/rate-limit/stores/rate-limiter.ts";

/** What is needed of the `ExecutionContext` of Workers. */
export interface WorkerExecutionContext {
  waitUntil(work: Promise<unknown>): void;
  passThroughOnException(): void;
}

/** What `worker()` adds to the context of a handler. */
export interface WorkerContext<Env, Execution> {
  /** The bindings, variables and secrets of the Worker. */
  readonly env: Env;
  /** The platform's own context. Its `waitUntil` does not report what rejects; that of the handler's context does. */
  readonly executionCtx: Execution;
}

/** The `fetch` of a Worker. */
export type WorkerFetch<Incoming, Env, Execution> = (request: Incoming, env: Env, ctx: Execution) => Promise<Response>;

type Handler<Incoming, Context> = (request: Incoming, context: Context) => MaybePromise<Response | Refusal>;
/** A policy, whatever it knows of its callers. */
type AnyPolicy = { readonly prepare: (requirements: never, handler: never) => Prepared };
type EnvOf<Source> = Source extends AnyPolicy ? unknown : Source extends (env: infer Env) => unknown ? Env : unknown;
type PolicyOf<Source> = Source extends AnyPolicy ? Source : Source extends (env: never) => infer Made ? Made : never;
type AuthOf<Source> = PolicyOf<Source> extends Policy<infer Auth, unknown> ? Auth : never;
type FactsIn<Source> = PolicyOf<Source> extends Policy<AuthState, infer Facts> ? Facts : never;

/**
 * Puts a policy around the handler of a Worker. The client's address is `CF-Connecting-IP`, which the platform writes.
 *
 * A function that makes the policy runs with the first request, once for each `env` of an isolate: secrets and bindings
 * are plain values there. While it throws, requests get a 500, the error goes to the console, and it runs again.
 *
 * @example
 * ```ts
 * export default {
 *   fetch: worker((env: Env) => policy({
 *     store: durableObjectStore(env.LIMITER),
 *     rateLimit: { limit: 100, windowSeconds: 60 },
 *   }), async (request, { env }) => Response.json(await env.DB.prepare("select 1").first())),
 * } satisfies ExportedHandler<Env>;
 * ```
 */
export function worker<
  const Source extends AnyPolicy | ((env: Env) => AnyPolicy),
  Env = EnvOf<Source>,
  Execution extends WorkerExecutionContext = WorkerExecutionContext,
  Incoming extends Request = Request,
>(
  source: Source,
  handler: Handler<Incoming, RequestContext & Added<AuthOf<Source>, FactsIn<Source>> & WorkerContext<Env, Execution>>,
): WorkerFetch<Incoming, Env, Execution>;
/** The same, for a handler that asks for more than the policy. Mistakes in the requirements are a `ConfigError`. */
export function worker<
  const Source extends AnyPolicy | ((env: Env) => AnyPolicy),
  const Scope extends ScopeOf<AuthOf<Source>> = never,
  const Required extends "required" = never,
  Decision extends boolean = never,
  Body extends AnySchema = never,
  Query extends AnySchema = never,
  Params extends AnySchema = never,
  const Raw extends true = never,
  Env = EnvOf<Source>,
  Execution extends WorkerExecutionContext = WorkerExecutionContext,
  Incoming extends Request = Request,
>(
  source: Source,
  requirements: Requirements<AuthOf<Source>, Scope, Required, Decision, Body, Query, Params, Raw>,
  handler: Handler<
    Incoming,
    RequestContext &
      Added<Tightened<AuthOf<Source>, Scope | Required | Decision>, FactsIn<Source>, Body, Query, Params, Raw> &
      WorkerContext<Env, Execution>
  >,
): WorkerFetch<Incoming, Env, Execution>;
export function worker(...given: readonly unknown[]): WorkerFetch<Request, object, WorkerExecutionContext> {
  const [source, requirements, handler] = given.length === 2 ? [given[0], {}, given[1]] : given;
  if (typeof source !== "function" || typeof handler !== "function")
    throw new TypeError("worker() is called with a policy, or a function that makes one, and then with a handler");
  const withEnv = (request: Request, context: object, env: unknown, executionCtx: unknown): unknown =>
    handler(request, Object.assign(context, { env, executionCtx }));
  const prepare = (api: AnyPolicy): Prepared => api.prepare(requirements as never, withEnv as never); // typed above
  const made = new WeakMap<object, Prepared>();
  const none = {}; // a test may call without an environment
  const make = (env: object): Prepared => {
    const prepared = prepare(source(env));
    made.set(env, prepared);
    return prepared;
  };
  const ready = "prepare" in source ? prepare(source as AnyPolicy) : undefined;
  return (request, env = none, ctx) => {
    try {
      const clientIp = request.headers.get("cf-connecting-ip") ?? undefined;
      const prepared = ready ?? made.get(env) ?? make(env);
      return prepared.run(request, { clientIp, waitUntil: (work) => ctx.waitUntil(work) }, env, ctx);
    } catch (error) {
      // Alone, since secure() refuses some requests before their handler could tell of the error.
      return secure(() => Promise.reject(error))(new Request(request.url, { method: request.method }));
    }
  };
}
