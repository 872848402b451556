import { after, NextRequest } from "next/server.js";
import { type AuthState, optionsHandler, type Policy, type Prepared } from "../src/index.ts";
import { answerThrown } from "./next/thrown.ts";
import type { Handle, Handled, RouteExport, RouteMethod } from "./next/types.ts";

export type {
  Handle,
  Handled,
  PathParams,
  RouteContext,
  RouteExport,
  RouteHandler,
  RouteMethod,
} from "./next/types.ts";

/**
 * The exports of a Next.js route file, each behind the policy: the methods that `define` gives, and `OPTIONS`, which
 * answers preflights and names the methods. Export all of them.
 *
 * No response is ever prerendered. What `redirect()`, `permanentRedirect()`, `notFound()`, `forbidden()` and
 * `unauthorized()` answer in handlers and checks leaves with every field of the policy.
 *
 * @param path - The path of the file's folder in the App Router, such as `"/api/notes/[id]"`: it types `params`, and
 * `next build` holds its parameters against the folder.
 * @param policy - Limits by address need its `clientIp`, since Next.js does not know who connects.
 * @param define - Gets `handle`, which puts the policy and a handler's requirements around the handler.
 * @throws ConfigError when requirements have mistakes, or when a limit by address would never act.
 *
 * @example
 * ```ts
 * export const { GET, DELETE, OPTIONS } = route("/api/notes/[id]", api, (handle) => ({
 *   GET: handle((request, { params }) => Response.json(read(params.id))),
 *   DELETE: handle({ scopes: ["notes:write"] }, (request, { params }) => remove(params.id)),
 * }));
 * ```
 */
export function route<
  const Path extends `/${string}`,
  Auth extends AuthState,
  Facts,
  Defined extends { readonly [M in keyof Defined]: M extends RouteMethod ? Handled : NotARouteMethod },
>(
  path: Path,
  policy: Policy<Auth, Facts>,
  define: (handle: Handle<Path, Auth, Facts>) => Defined,
): { readonly [M in keyof Defined | "OPTIONS"]: RouteExport<Path> } {
  // The engine knows neither Next.js' class of requests nor what the path names.
  const handle = policy.prepareOn({ knowsPeer: false, findsParams: true }) as unknown as Handle<Path, Auth, Facts>;
  const routes = { ...define(handle) } as Record<string, unknown>;
  routes.OPTIONS = handle(optionsHandler(Object.keys(routes)));
  for (const method in routes) routes[method] = serve(path, routes[method] as Prepared); // what handle() gave
  return routes as { [M in keyof Defined | "OPTIONS"]: RouteExport<Path> }; // each by now
}

type NotARouteMethod = "not a method that a route file may define";

function serve(path: string, { run }: Prepared): RouteExport<string> {
  return async (request, context) => {
    // First of all: Next.js gives up to prerender an answer when somebody looks at the fields of its request.
    const { headers } = request;
    // It gives a force-static route sealed fields, and none. A test that calls an export may send none either.
    if (headers.set !== Headers.prototype.set && headers.keys().next().done)
      throw new Error(`${path} is force-static: one answer would be kept for everybody. Remove "dynamic".`);
    return run(request, { params: await context?.params, waitUntil: after, createRequest, answerThrown });
  };
}

/** It keeps the base path, of which the URL does not tell. */
function createRequest(url: string, init: object, request: Request): Request {
  return new NextRequest(url, { ...init, nextConfig: (request as NextRequest).nextUrl }); // it is what Next.js gave
}
