import type {
  Added,
  AnySchema,
  AuthState,
  Handler,
  Policy,
  RequestContext,
  Requirements,
  ScopeOf,
  Tightened,
} from "../src/index.ts";

export {
  type DenoKv,
  type DenoKvAtomicOperation,
  type DenoKvStoreOptions,
  denoKvStore,
} from "../src/rate-limit/stores/deno-kv.ts";

/** What is needed of `Deno.ServeHandlerInfo`, which `Deno.serve` gives with a request. */
export interface ServeInfo {
  /** The peer. One on a Unix or vsock socket has no `hostname`. */
  readonly remoteAddr: { readonly transport: string; readonly hostname?: string };
}

/** A handler for `Deno.serve`, or the `fetch` of a module that `deno serve` or Supabase runs; the latter gives no `info`. */
export type DenoFetch = (request: Request, info?: ServeInfo) => Promise<Response>;

/** What Supabase's runtime adds to Deno. */
interface EdgeRuntime {
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/**
 * Puts a policy around a handler for `Deno.serve`. The client's address is that of the peer, `info.remoteAddr`: one on a
 * Unix socket has none. It needs no permission of its own. On Supabase, `waitUntil` is that of `EdgeRuntime`.
 *
 * @example
 * ```ts
 * const api = policy({ store: denoKvStore(await Deno.openKv()), rateLimit: { limit: 100, windowSeconds: 60 } });
 * Deno.serve(denoHandler(api, (request, { clientIp }) => Response.json({ clientIp })));
 * ```
 */
export function denoHandler<Auth extends AuthState, Facts>(
  api: Policy<Auth, Facts>,
  handler: Handler<RequestContext & Added<Auth, Facts>, readonly []>,
): DenoFetch;
/** The same, for a handler that asks for more than the policy. Throws `ConfigError` when the requirements have mistakes. */
export function denoHandler<
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
  api: Policy<Auth, Facts>,
  requirements: Requirements<Auth, Scope, Required, Decision, Body, Query, Params, Raw>,
  handler: Handler<
    RequestContext & Added<Tightened<Auth, Scope | Required | Decision>, Facts, Body, Query, Params, Raw>,
    readonly []
  >,
): DenoFetch;
export function denoHandler(api: Policy, ...given: readonly unknown[]): DenoFetch {
  const [requirements, handler] = given.length === 1 ? [{}, given[0]] : given;
  if (typeof handler !== "function")
    throw new TypeError("denoHandler() is called with a policy, and then with a handler");
  const { run } = api.prepare(requirements as never, handler as never); // typed above
  const { EdgeRuntime: supabase } = globalThis as { readonly EdgeRuntime?: EdgeRuntime }; // nobody else has it
  const waitUntil = supabase && ((work: Promise<unknown>): void => supabase.waitUntil(work));
  return (request, info) => run(request, { clientIp: info?.remoteAddr?.hostname, waitUntil });
}
