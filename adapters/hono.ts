import type { MiddlewareHandler } from "hono";
import type {
  Added,
  AnySchema,
  AuthState,
  Flat,
  InferInput,
  InferOutput,
  Policy,
  RequestContext,
  Requirements,
  ScopeOf,
  Tightened,
} from "../src/index.ts";
import { guard, type Source } from "./hono/guard.ts";

/**
 * What a policy adds to `c.var`: the caller in `auth`, `requestId`, `clientIp`, and what the policy's checks give; under
 * `handlerTimeoutMs` the `signal` that aborts when the handler is late.
 */
export type Variables<Auth, Facts, Raw = never> = Flat<
  Pick<RequestContext, "requestId" | "clientIp"> &
    Partial<Pick<RequestContext, "signal">> &
    Added<Auth, Facts, never, never, never, Raw>
>;

type Part<Target extends string, Schema, Value> = [Schema] extends [never] ? unknown : { [Key in Target]: Value };
type In<Schema> = Schema extends AnySchema ? InferInput<Schema> : never;
type Out<Schema> = Schema extends AnySchema ? InferOutput<Schema> : never;

/** What `c.req.valid()` gives, and what a client of `hono/client` must send. */
export interface ValidInput<Body, Query, Params> {
  in: Flat<Part<"json", Body, In<Body>> & Part<"query", Query, In<Query>> & Part<"param", Params, In<Params>>>;
  out: Flat<Part<"json", Body, Out<Body>> & Part<"query", Query, Out<Query>> & Part<"param", Params, Out<Params>>>;
}

/**
 * Puts a policy around all that follows: handlers, `app.onError`, `app.notFound`. Where it is there twice, it runs once.
 *
 * @param policy - A policy, or a function that makes one from the bindings (`c.env`). It runs once for each `env` object;
 * where the platform's own arguments are in there, which are new for each request (Node, Deno), once in all.
 */
export function middleware<Auth extends AuthState, Facts, Bindings extends object>(
  policy: (env: Bindings) => Policy<Auth, Facts>,
): MiddlewareHandler<{ Bindings: Bindings; Variables: Variables<Auth, Facts> }>;
export function middleware<Auth extends AuthState, Facts>(
  policy: Policy<Auth, Facts>,
): MiddlewareHandler<{ Variables: Variables<Auth, Facts> }>;
export function middleware(policy: Source): MiddlewareHandler {
  return guard(policy, {});
}

/**
 * Asks more for one handler than its policy does, and runs all of the policy where `middleware(policy)` is not before it.
 * What schemas give is in `c.req.valid("json")`, `("query")` and `("param")`; the body can still be read.
 *
 * @param policy - The policy, or the same function that `middleware()` got.
 * @throws ConfigError when the requirements have mistakes.
 */
export function requires<
  Auth extends AuthState,
  Facts,
  const Scope extends ScopeOf<Auth> = never,
  const Required extends "required" = never,
  Decision extends boolean = never,
  Body extends AnySchema = never,
  Query extends AnySchema = never,
  Params extends AnySchema = never,
  const Raw extends true = never,
>(
  policy: Policy<Auth, Facts> | ((env: never) => Policy<Auth, Facts>),
  requirements: Requirements<Auth, Scope, Required, Decision, Body, Query, Params, Raw>,
): MiddlewareHandler<
  { Variables: Variables<Tightened<Auth, Scope | Required | Decision>, Facts, Raw> },
  string,
  ValidInput<Body, Query, Params>
> {
  return guard(policy as Source, requirements); // what its types promise was checked where they are written
}
