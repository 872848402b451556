import { z } from "zod";
import { type ContextOf, type DescribeIssue, type Platform, policy, type RequestContext } from "../../src/index.ts";
import { type Equal, holds, ok, read, type Session, session } from "./support.ts";

const NewNote = z.object({ title: z.string(), tags: z.array(z.string()).default([]) });
interface Note {
  title: string;
  tags: string[];
}
const open = policy();
const api = policy({ auth: session });
/** Its `auth` may be `Anonymous`: a route loosens. */
const loose = policy({ auth: session, routes: { "/feed": { auth: "optional" } } });

// an identity that is asked for and a body, together
loose({ auth: "required", body: NewNote }, (_request, context) => {
  holds<Equal<typeof context.auth, Session>>();
  holds<Equal<typeof context.body, Note>>();
  return ok();
});
loose({ check: (auth) => auth.role === "admin", body: NewNote }, (_request, context) => {
  holds<Equal<typeof context.auth, Session>>();
  holds<Equal<typeof context.body, Note>>();
  return ok();
});
loose({ body: NewNote, check: async ({ role }, request) => role === "admin" && request.url !== "" }, (_r, context) => {
  holds<Equal<typeof context.auth, Session>>();
  holds<Equal<typeof context.body, Note>>();
  return ok();
});
api({ body: NewNote, methods: ["POST"] }, async (request, { auth, body }) =>
  Response.json([auth.role, body.tags.length, request.url]),
);

// schemas alone do not tighten
loose({ body: NewNote, query: NewNote, params: NewNote, rawBody: true }, (_request, { auth, body }) => {
  // @ts-expect-error may be anonymous
  read(auth.role);
  // @ts-expect-error nobody has no subject
  const subject: string = auth.subject;
  return Response.json([subject, body.title]);
});
// @ts-expect-error nor do they give a policy somebody to require
open({ auth: "required", body: NewNote }, ok);
// @ts-expect-error nor somebody to check
open({ check: () => true, body: NewNote }, ok);
open({ body: NewNote }, (_request, context) => {
  // @ts-expect-error no auth in this policy
  read(context.auth);
  return ok();
});

// facts and schemas
const tenants = policy({
  auth: session,
  checks: [{ name: "tenant", check: () => ({ tenant: { id: "t" } }) }],
});
tenants({ body: NewNote, params: z.object({ id: z.string() }) }, (_request, { tenant, body, params, auth }) => {
  holds<Equal<typeof tenant, { id: string }>>();
  holds<Equal<typeof body, Note>>();
  holds<Equal<typeof params, { id: string }>>();
  return Response.json(auth.role);
});
tenants.with({ checks: [{ name: "quota", check: (_request, { tenant }) => ({ quota: tenant.id.length }) }] })(
  { query: NewNote },
  (_request, { quota, tenant, query }) => Response.json([quota.toFixed(), tenant.id, query.title]),
);
policy({
  checks: [
    {
      name: "early",
      check: (_request, context) => {
        // @ts-expect-error checks run before the body is read
        read(context.body);
      },
    },
  ],
});

// a handler in a file of its own says what it needs
type Create = ContextOf<typeof tenants> & { readonly body: Note };
const create = (_request: Request, { tenant, body, auth }: Create): Response =>
  Response.json([tenant.id, body.title, auth.role]);
tenants({ body: NewNote }, create);
// @ts-expect-error it needs a body
tenants({ query: NewNote }, create);
// @ts-expect-error it needs another body
tenants({ body: z.object({ title: z.number() }) }, create);

// arguments of the platform come after the context, with schemas too
interface Env {
  readonly DB: string;
}
interface Execution {
  waitUntil(work: Promise<unknown>): void;
}
const native = api({ body: NewNote, auth: "required" }, (_request, { body }, env: Env, execution: Execution) => {
  execution.waitUntil(Promise.resolve());
  return Response.json([env.DB, body.title]);
});
holds<Equal<Parameters<typeof native>, [request: Request, env: Env, execution: Execution]>>();
const none = api({ query: NewNote }, (_request, { query }) => Response.json(query.title));
holds<Equal<Parameters<typeof none>, [request: Request]>>();
export const contextual: (request: Request, env: Env, execution: Execution) => Promise<Response> = open(
  { body: NewNote, rawBody: true },
  (_request, { body, rawBody }, env, execution) => {
    holds<Equal<typeof env, Env>>();
    execution.waitUntil(Promise.resolve());
    return Response.json([body.title, rawBody.length]);
  },
);
export const worker = {
  fetch: api({ body: NewNote, params: z.object({ id: z.string() }) }, (_request, { body, params }, env) =>
    Response.json([body.title, params.id, env.DB]),
  ),
} satisfies { fetch?: (request: Request, env: Env, execution: Execution) => Promise<Response> | Response };

// what an adapter knows
const prepared = api.prepare({ params: z.object({ id: z.coerce.number() }) }, (_request, { params }) => {
  holds<Equal<typeof params, { id: number }>>();
  return ok();
});
const request = new Request("https://api.example.com/");
prepared.run(request, { params: { id: "1" } });
prepared.run(request, { params: Promise.resolve({ id: "1", rest: ["a", "b"] }) });
prepared.run(request, { params: undefined });
prepared.run(request, {});
api.run(request, { params: { id: "1" } }, (_request, context) => {
  // @ts-expect-error without a schema nobody has looked at them
  read(context.params);
  return ok();
});
// @ts-expect-error parameters have names
prepared.run(request, { params: "1" });
declare const platform: Platform;
holds<Equal<Awaited<typeof platform.params>, Readonly<Record<string, unknown>> | undefined>>();

// what clients read of an issue
const describeIssue: DescribeIssue = ({ message, path = [] }, part) => {
  holds<Equal<typeof message, string>>();
  holds<Equal<typeof part, "body" | "query" | "params">>();
  return `${part} ${path.length}`;
};
open({ body: NewNote, describeIssue }, ok);
open(
  { body: NewNote, describeIssue: (issue, part) => (part === "body" ? issue.message : "no") },
  (_request, { body }) => Response.json(body.title),
);
// @ts-expect-error it says something
open({ body: NewNote, describeIssue: () => undefined }, ok);
// @ts-expect-error at once
open({ body: NewNote, describeIssue: async () => "no" }, ok);
// @ts-expect-error it never gets the request
open({ body: NewNote, describeIssue: (_issue, _part, request: Request) => request.url }, ok);

// what every handler has to stop by
open((_request, { signal }) => {
  holds<Equal<typeof signal, RequestContext["signal"]>>();
  holds<Equal<typeof signal, AbortSignal>>();
  return ok();
});
