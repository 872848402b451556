import type { MaybePromise } from "../lib/maybe-promise.ts";
import { policy } from "../policy.ts";
import type { Policy } from "../policy-interface.ts";
import { problem } from "../problem.ts";
import type { Anonymous, Authenticator, Identity, RequestContext } from "../types.ts";

/** The one origin that the policy of `adapterPolicy()` names; it allows `https://*.tenants.example.com` too. */
export const allowedOrigin = "https://app.example.com";

/** What a handler of `adapterHandlers` reads of its context. */
export interface AdapterContext extends Pick<RequestContext, "requestId" | "clientIp"> {
  readonly auth: Identity | Anonymous;
  readonly tenant: string;
}

/** What `testAdapter()` calls at one path. Give it the platform's own request, as a user's handler would get it. */
export type AdapterHandler = (request: Request, context: AdapterContext) => MaybePromise<Response>;

const bearer: Authenticator = {
  name: "bearer",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) =>
    request.headers.get("authorization") === "Bearer alice"
      ? { method: "bearer", subject: "alice", scopes: new Set() }
      : problem(401, "invalid_token", { headers: { "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"' } }),
};

/** The policy that an app under `testAdapter()` must have: every concern is configured. */
export function adapterPolicy(): Policy<Identity | Anonymous, { readonly tenant: string }> {
  return policy({
    headers: { extra: { "X-Robots-Tag": "noindex" } },
    cors: { origins: [allowedOrigin, "https://*.tenants.example.com"], credentials: true },
    rateLimit: { name: "wide", limit: 1_000_000, windowSeconds: 3600 },
    clientIp: { onUnknownAddress: "shared" },
    auth: bearer,
    checks: [{ name: "tenant", check: () => ({ tenant: "t1" }) }],
    routes: {
      "/*": { auth: "optional" },
      "/private/*": {},
      "/limited": {
        auth: "none",
        rateLimit: {
          name: "narrow",
          limit: 3,
          windowSeconds: 3600,
          dangerouslyBy: (request) => request.headers.get("x-bucket") ?? "none",
        },
      },
    },
    onEvent: () => undefined,
  });
}

const text = /* @__PURE__ */ new TextEncoder();
let kept: Response | undefined; // not at module scope: some platforms allow no work there

/**
 * The handlers of an app under `testAdapter()`, by their paths. Each is to be reached with every method, around it the
 * policy of `adapterPolicy()` by the adapter under test. Other paths are to be answered with 404.
 *
 * @example
 * ```ts
 * const api = adapterPolicy();
 * const fetch = myAdapter(api, (request, context) => {
 *   const handle = adapterHandlers.get(new URL(request.url).pathname);
 *   return handle?.(request, context) ?? new Response(null, { status: 404 });
 * });
 * ```
 */
export const adapterHandlers: ReadonlyMap<string, AdapterHandler> = /* @__PURE__ */ new Map<string, AdapterHandler>([
  ["/json", () => Response.json({ hello: "world" })],
  [
    "/context",
    (_, { requestId, clientIp, auth, tenant }) => tell({ requestId, clientIp, subject: auth.subject, tenant }),
  ],
  ["/private/me", (_, { auth }) => tell({ subject: auth.subject })],
  ["/limited", () => new Response(null, { status: 204 })],
  ["/no-content", () => new Response(null, { status: 204 })],
  ["/not-modified", () => new Response(null, { status: 304, headers: { ETag: '"1"' } })],
  ["/redirect", () => Response.redirect("https://www.example.com/next", 302)],
  ["/passthrough", (request) => fetch(new URL(request.url).searchParams.get("upstream") ?? "")],
  ["/throws", throwError],
  ["/cookies", setTwoCookies],
  ["/kept", giveKept],
  ["/stream", () => new Response(twoEvents(), { headers: { "Content-Type": "text/event-stream" } })],
  ["/echo", async (request) => tell({ method: request.method, length: (await request.arrayBuffer()).byteLength })],
  ["/unread", () => new Response(null, { status: 202 })],
  ["/fields", tellFields],
]);

function tell(facts: Readonly<Record<string, unknown>>): Response {
  return Response.json(facts);
}

function giveKept(): Response {
  kept ??= new Response(null, { status: 204, headers: { "X-Kept": "1" } });
  return kept;
}

function throwError(): never {
  throw new Error("password=hunter2");
}

function setTwoCookies(): Response {
  const headers = new Headers({ "Set-Cookie": "a=1; Path=/; HttpOnly" });
  headers.append("Set-Cookie", "b=2; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
  return Response.json({}, { headers });
}

/** The second event comes when whoever holds back the first would have been found out. */
function twoEvents(): ReadableStream<Uint8Array> {
  let isFirst = true;
  return new ReadableStream({
    async pull(controller) {
      if (isFirst) {
        isFirst = false;
        controller.enqueue(text.encode("data: first\n\n"));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      controller.enqueue(text.encode("data: second\n\n"));
      controller.close();
    },
  });
}

/** Tells what the request has under the paths in `names`, such as `cf.colo`, and how long its body is. */
async function tellFields(request: Request): Promise<Response> {
  const names = new URL(request.url).searchParams.getAll("name");
  const memberAt = (path: string): unknown =>
    path.split(".").reduce<unknown>((value, name) => Reflect.get(Object(value), name), request);
  const fields = Object.fromEntries(names.map((name) => [name, memberAt(name) ?? null]));
  return tell({ fields, length: (await request.arrayBuffer()).byteLength });
}
