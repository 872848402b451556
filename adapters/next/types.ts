import type { NextRequest } from "next/server.js";
import type {
  Added,
  AnySchema,
  AuthState,
  Flat,
  MaybePromise,
  Refusal,
  RequestContext,
  Requirements,
  ScopeOf,
  Tightened,
} from "../../src/index.ts";

type ParamOf<Segment extends string> = Segment extends `[[...${infer Name}]]`
  ? { readonly [Key in Name]?: string[] }
  : Segment extends `[...${infer Name}]`
    ? { readonly [Key in Name]: string[] }
    : Segment extends `[${infer Name}]`
      ? { readonly [Key in Name]: string }
      : unknown;
type ParamsOf<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? ParamOf<Segment> & ParamsOf<Rest>
  : ParamOf<Path>;

/** The parameters that a path of the App Router names: `"/notes/[id]"` has `{ id: string }`. */
export type PathParams<Path extends string> = Flat<ParamsOf<Path>>;

/** The methods that a route file may define. `OPTIONS` is the policy's. */
export type RouteMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a handler of `route()` gets: the policy's context, with `params` from the path unless a schema reads them. */
export type RouteContext<
  Path extends string,
  Auth,
  Facts,
  Body = never,
  Query = never,
  Params = never,
  Raw = never,
> = RequestContext &
  Added<
    Auth,
    Facts & ([Params] extends [never] ? { readonly params: PathParams<Path> } : unknown),
    Body,
    Query,
    Params,
    Raw
  >;

/** The user's code behind a route. */
export type RouteHandler<Context> = (request: NextRequest, context: Context) => MaybePromise<Response | Refusal>;

declare const handled: unique symbol;
/** A handler with its requirements; `route()` makes an export of it. */
export interface Handled {
  readonly [handled]: true;
}

/** Takes a handler, or requirements and then a handler. */
export interface Handle<Path extends string, Auth extends AuthState, Facts> {
  (handler: RouteHandler<RouteContext<Path, Auth, Facts>>): Handled;
  <
    const Scope extends ScopeOf<Auth> = never,
    const Required extends "required" = never,
    Decision extends boolean = never,
    Body extends AnySchema = never,
    Query extends AnySchema = never,
    Params extends AnySchema = never,
    const Raw extends true = never,
  >(
    requirements: Requirements<Auth, Scope, Required, Decision, Body, Query, Params, Raw> & {
      readonly methods?: never;
    },
    handler: RouteHandler<
      RouteContext<Path, Tightened<Auth, Scope | Required | Decision>, Facts, Body, Query, Params, Raw>
    >,
  ): Handled;
}

/** An export of a route file. */
export type RouteExport<Path extends string> = (
  request: NextRequest,
  context: { params: Promise<PathParams<Path>> },
) => Promise<Response>;
