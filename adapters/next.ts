import { after, NextRequest } from "next/server.js";
import { type AuthState, ConfigError, type Policy, type Prepared } from "../src/index.ts";
import { meaningOf } from "./next/thrown.ts";
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
  // The types of handlers are checked where they are written; in here they are all alike.
  const prepare = policy.prepare as unknown as (requirements: unknown, handler: AnyHandler) => Prepared;
  const handle = (...given: readonly unknown[]): Prepared => {
    const [requirements, handler] = (given.length === 1 ? [{}, given[0]] : given) as [unknown, AnyHandler];
    return prepare(requirements, (request, context, params) =>
      handler(request, "params" in context ? context : Object.assign(context, { params })),
    );
  };
  const prepared = { ...define(handle as unknown as Handle<Path, Auth, Facts>) } as unknown as Record<string, Prepared>;
  const methods = Object.keys(prepared);
  const allow = [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].join(", ");
  prepared.OPTIONS = prepare({}, () => new Response(null, { status: 204, headers: { allow } }));
  if (Object.values(prepared).some(({ needsPeer }) => needsPeer)) {
    const message =
      'a limit by address needs it, since Next.js knows no address: write { header: "x-real-ip" } on Vercel, { trustedHops: 1 } behind a proxy, or { onUnknownAddress: "shared" }';
    throw new ConfigError([{ path: "clientIp", message }]);
  }
  const exports = Object.entries(prepared).map(([method, handled]) => [method, serve(path, handled)]);
  return Object.fromEntries(exports);
}

type AnyHandler = (request: Request, context: object, params?: unknown) => unknown;
type NotARouteMethod = "not a method that a route file may define";

function serve(path: string, prepared: Prepared): RouteExport<string> {
  return async (request, context) => {
    // First of all: Next.js gives up to prerender an answer when somebody looks at the fields of its request.
    if (isForceStatic(request.headers)) {
      throw new Error(
        `${path} is force-static: one answer would be kept for everybody, and the policy sees no request. Remove "dynamic".`,
      );
    }
    let interruption: unknown;
    const params = (await context?.params) ?? {};
    const platform = {
      params,
      waitUntil,
      createRequest: (url: string, init: object) =>
        Object.defineProperty(new NextRequest(url, init), "nextUrl", { value: request.nextUrl }), // it knows basePath
      answerThrown: (thrown: unknown) => {
        const meant = meaningOf(thrown, request);
        if (meant !== "interruption") return meant;
        interruption = thrown;
        return new Response();
      },
    };
    const response = await prepared.run(request, platform, params);
    if (interruption !== undefined) throw interruption;
    return response;
  };
}

/** Next.js gives such a route sealed fields, and none. A test that calls an export may send none either. */
function isForceStatic(headers: Headers): boolean {
  return headers.set !== Headers.prototype.set && headers.keys().next().done === true;
}

/** Outside of a request, as in a test that calls an export, nothing needs to be kept alive. */
function waitUntil(work: Promise<unknown>): void {
  try {
    after(work);
  } catch {}
}
