import type { NextRequest } from "next/server.js";
import { z } from "zod";
import { route } from "../../adapters/next.ts";
import { type Anonymous, policy, problem, secure } from "../../src/index.ts";
import { type Equal, holds, type Key, key, ok, read, type Session, session } from "./support.ts";

const api = policy({
  auth: key,
  routes: { "/health": { auth: "none" } },
  checks: [{ name: "tenant", check: () => ({ tenant: "t1" }) }],
});
const open = policy();

export const { GET, POST, OPTIONS } = route("/api/users/[id]/posts/[...slug]", api, (handle) => ({
  GET: handle({ scopes: ["notes:read"] }, async (request, { params, auth, tenant, requestId }) => {
    holds<Equal<typeof params, { readonly id: string; readonly slug: string[] }>>();
    holds<Equal<typeof auth, Key>>();
    holds<Equal<typeof request, NextRequest>>();
    return Response.json([request.nextUrl.pathname, params.id, auth.plan, tenant, requestId]);
  }),
  POST: handle({ scopes: ["notes:write"], body: z.object({ name: z.string() }) }, async (_request, { body, params }) =>
    Response.json([body.name, params.slug]),
  ),
}));

// params, from the path or from a schema
export const only = route("/health", api, (handle) => ({
  GET: handle((_request, { auth, params }) => {
    holds<Equal<typeof auth, Key | Anonymous>>();
    holds<Equal<keyof typeof params, never>>();
    return Response.json(auth.subject);
  }),
}));
export const parsed = route("/u/[id]", open, (handle) => ({
  GET: handle({ params: z.object({ id: z.coerce.number() }) }, (_request, { params }) => {
    holds<Equal<typeof params.id, number>>();
    return Response.json(params.id);
  }),
}));
export const optional = route("/files/(group)/[[...path]]", open, (handle) => ({
  PUT: handle((_request, { params }) => {
    holds<Equal<typeof params, { readonly path?: string[] }>>();
    return ok();
  }),
}));

// what a handler may ask and answer
route("/u/[id]", api, (handle) => ({
  PATCH: handle({ rawBody: true, query: z.object({ q: z.string() }) }, (_request, { rawBody, query }) => {
    holds<Equal<typeof rawBody, Uint8Array<ArrayBuffer>>>();
    read(query.q);
    return problem(404, "no_such_user");
  }),
  DELETE: handle({ auth: "required" }, (_request, { auth }) => Response.json(auth.plan)),
  HEAD: handle({ check: ({ plan }) => plan === "pro" }, ok),
}));
route("/u", policy({ auth: session }), (handle) => ({
  GET: handle((_request, { auth }) => {
    holds<Equal<typeof auth, Session>>();
    return ok();
  }),
}));

// mistakes
// @ts-expect-error unknown method
route("/u/[id]", api, (handle) => ({ get: handle(ok) }));
// @ts-expect-error one wrong name beside a right one
route("/u/[id]", api, (handle) => ({ GET: handle(ok), get: handle(ok) }));
// @ts-expect-error OPTIONS belongs to the policy
route("/u/[id]", api, (handle) => ({ OPTIONS: handle(ok) }));
// @ts-expect-error unknown scope
route("/u/[id]", api, (handle) => ({ GET: handle({ scopes: ["notes:raed"] }, ok) }));
// @ts-expect-error this policy has nobody who may have scopes
route("/u/[id]", open, (handle) => ({ GET: handle({ scopes: ["notes:read"] }, ok) }));
// @ts-expect-error a handler without its policy
route("/u/[id]", api, () => ({ GET: ok }));
// @ts-expect-error a param that the path does not have
route("/u/[id]", api, (handle) => ({ GET: handle((_request, { params }) => Response.json(params.userId)) }));
// @ts-expect-error the name of the export says which method it is
route("/u/[id]", api, (handle) => ({ GET: handle({ methods: ["GET"] }, ok) }));
// @ts-expect-error unknown requirement
route("/u/[id]", api, (handle) => ({ GET: handle({ scope: ["notes:read"] }, ok) }));
// @ts-expect-error a path begins with a slash
route("u/[id]", api, (handle) => ({ GET: handle(ok) }));
// @ts-expect-error POST was not defined
export const { DELETE } = only;

// what Next.js 16 generates to check the exports of a route file
type Method<P> = (
  request: NextRequest,
  context: { params: Promise<P> },
) => Promise<Response | undefined> | Response | undefined;
interface RouteFile<P> {
  GET?: Method<P>;
  POST?: Method<P>;
  PUT?: Method<P>;
  PATCH?: Method<P>;
  DELETE?: Method<P>;
  HEAD?: Method<P>;
  OPTIONS?: Method<P>;
}
type Checked<P, File extends RouteFile<P>> = File;
type Posts = { id: string; slug: string[] };
export type Right = Checked<Posts, { GET: typeof GET; POST: typeof POST; OPTIONS: typeof OPTIONS }>;
export type WithoutParams = Checked<Record<never, never>, typeof only>;
export type Optional = Checked<{ path?: string[] }, typeof optional>;
// @ts-expect-error the path does not fit the folder
export type Wrong = Checked<{ userId: string }, typeof parsed>;
// @ts-expect-error one segment is not many
export type One = Checked<{ id: string; slug: string }, { GET: typeof GET }>;

// a policy without the adapter fits as well
export const plainGet = secure(ok);
export const plainPost = api({ scopes: ["notes:read"] }, ok);
const native = api(async (_request, _context, { params }: { params: Promise<{ id: string }> }) =>
  Response.json((await params).id),
);
export type Plain = Checked<{ id: string }, { GET: typeof plainGet; POST: typeof plainPost; PUT: typeof native }>;
