// Compiled with the types of Workers instead of the DOM's, against the package: tests/adapters/cloudflare/types.test.ts.
import { type Anonymous, type Authenticator, type Identity, optional, policy, problem, secure } from "mantlet";
import {
  bindingStore,
  durableObjectStore,
  RateLimiter,
  type WorkerContext,
  type WorkerFetch,
  worker,
} from "mantlet/cloudflare";
import { z } from "zod";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<_Claim extends true>(): void;

interface Session extends Identity<"session", "notes:read" | "notes:write"> {
  readonly role: "user" | "admin";
}
declare function session(options: { readonly secret: string }): Authenticator<Session>;

interface Env {
  readonly SESSION_SECRET: string;
  readonly LIMITER: DurableObjectNamespace<RateLimiter>;
  readonly ROUGH: RateLimit;
  readonly DB: D1Database;
}
const NewNote = z.object({ text: z.string() });

// a policy made from the environment: secrets are plain values, and the handler's context is typed by it
export { RateLimiter };
export default {
  fetch: worker(
    (env: Env) =>
      policy({
        auth: session({ secret: env.SESSION_SECRET }),
        store: durableObjectStore(env.LIMITER),
        rateLimit: { limit: 100, windowSeconds: 60 },
      }),
    async (request, { auth, env, executionCtx, waitUntil }) => {
      holds<Equal<typeof auth, Session>>();
      holds<Equal<typeof env, Env>>();
      holds<Equal<typeof executionCtx, ExecutionContext>>();
      waitUntil(Promise.resolve());
      const colo: string | undefined = request.cf?.colo;
      return Response.json([colo, request.url, await env.DB.prepare("select 1").first()]);
    },
  ),
  scheduled() {},
} satisfies ExportedHandler<Env>;

// without satisfies, for a Worker that is checked later
const unchecked = {
  fetch: worker(
    (env: Env) => policy({ store: bindingStore(env.ROUGH) }),
    (_request, { env, executionCtx }) => {
      executionCtx.waitUntil(Promise.resolve());
      executionCtx.passThroughOnException();
      return Response.json([env.DB]);
    },
  ),
};
export const checkedLater: ExportedHandler<Env> = unchecked;
unchecked.fetch(new Request("https://api.example.com/"), {} as Env, { waitUntil() {}, passThroughOnException() {} });

// what is asked for gives the environment its type
export const unannotated = {
  fetch: worker(
    (env) => policy({ auth: session({ secret: env.SESSION_SECRET }) }),
    (_request, { auth, env }) => {
      holds<Equal<typeof env, Env>>();
      return Response.json([auth.role, env.SESSION_SECRET]);
    },
  ),
} satisfies ExportedHandler<Env>;

// a policy that is there already
const api = policy({ auth: session({ secret: "q4vXo9dTn1Zy7KfBwR2m" }) });
export const ready = {
  fetch: worker(api, (_request, { auth, env }) => {
    holds<Equal<typeof env, Env>>();
    return Response.json([auth.role, env.SESSION_SECRET]);
  }),
} satisfies ExportedHandler<Env>;
worker(api, (_request, { auth, env }) => {
  holds<Equal<typeof auth, Session>>();
  holds<Equal<typeof env, unknown>>();
  return problem(404, "no_such_note");
});

// requirements, as for api()
const open = policy({
  auth: optional(session({ secret: "q4vXo9dTn1Zy7KfBwR2m" })),
  checks: [{ name: "tenant", check: () => ({ tenant: "t1" }) }],
});
worker(open, (_request, { auth, tenant }) => {
  holds<Equal<typeof auth, Session | Anonymous>>();
  holds<Equal<typeof tenant, string>>();
  return Response.json(auth.subject);
});
worker(open, { scopes: ["notes:write"], body: NewNote, rawBody: true }, (_request, { auth, body, rawBody, tenant }) => {
  holds<Equal<typeof auth, Session>>();
  holds<Equal<typeof body, { text: string }>>();
  holds<Equal<typeof rawBody, Uint8Array<ArrayBuffer>>>();
  holds<Equal<typeof tenant, string>>();
  return Response.json(tenant);
});
export const required = {
  fetch: worker(
    (env: Env) => policy({ auth: optional(session({ secret: env.SESSION_SECRET })) }),
    { check: ({ role }) => role === "admin", query: z.object({ page: z.coerce.number() }) },
    async (request, { auth, env, executionCtx, query }) => {
      holds<Equal<typeof auth, Session>>();
      holds<Equal<typeof env, Env>>();
      holds<Equal<typeof executionCtx, ExecutionContext>>();
      holds<Equal<typeof query, { page: number }>>();
      return Response.json([request.cf?.colo, await env.DB.prepare("select 1").first()]);
    },
  ),
} satisfies ExportedHandler<Env>;

// types that a user's own functions may name
const respond = (_request: Request, { env }: WorkerContext<Env, ExecutionContext>): Response => Response.json(env.DB);
export const named: WorkerFetch<Request, Env, ExecutionContext> = worker(api, respond);

// without the adapter, the platform's arguments pass through
export const bare = {
  fetch: api((_request, { auth }, env: Env, execution: ExecutionContext) => {
    execution.waitUntil(Promise.resolve());
    return Response.json([auth.subject, env.SESSION_SECRET]);
  }),
} satisfies ExportedHandler<Env>;
export const bareContextual = {
  fetch: api({ scopes: ["notes:read"] }, (_request, _context, env, execution) => {
    holds<Equal<typeof env, Env>>();
    holds<Equal<typeof execution, ExecutionContext>>();
    return Response.json(env.SESSION_SECRET);
  }),
} satisfies ExportedHandler<Env>;
export const secured = { fetch: secure(() => Response.json({})) } satisfies ExportedHandler<Env>;

// an environment without the secret
interface Wrong {
  readonly OTHER: string;
}
const needsSecret = (env: Env) => policy({ auth: session({ secret: env.SESSION_SECRET }) });
export const wrong = {
  // @ts-expect-error the function needs SESSION_SECRET
  fetch: worker(needsSecret, () => Response.json({})),
} satisfies ExportedHandler<Wrong>;
export const wrongToo = {
  // @ts-expect-error the same with requirements
  fetch: worker(needsSecret, { auth: "required" }, () => Response.json({})),
} satisfies ExportedHandler<Wrong>;
const right = { fetch: worker(needsSecret, () => Response.json({})) };
// @ts-expect-error and where the Worker is checked later
export const wrongLater: ExportedHandler<Wrong> = right;

// mistakes
const respondNothing = () => Response.json({});
// @ts-expect-error no such scope
worker(open, { scopes: ["notes:delete"] }, respondNothing);
// @ts-expect-error a misspelt requirement
worker(open, { scope: ["notes:read"] }, respondNothing);
// @ts-expect-error a misspelt requirement beside a schema
worker(open, { body: NewNote, scope: ["notes:read"] }, respondNothing);
// @ts-expect-error a policy without auth knows no scopes
worker(policy(), { scopes: ["notes:read"] }, respondNothing);
// @ts-expect-error handlers give responses
worker(open, () => "hello");
// @ts-expect-error with requirements, too
worker(open, { auth: "required" }, () => "hello");
// @ts-expect-error no body was asked for
worker(open, (_request, { body }) => Response.json(body));
const makesNone = (env: Env) => ({ secret: env.SESSION_SECRET });
// @ts-expect-error what is made must be a policy
worker(makesNone, respondNothing);
const makesLater = async (_env: Env) => policy();
// @ts-expect-error not the promise of one
worker(makesLater, respondNothing);
// @ts-expect-error a handler alone is what secure() is for
worker(respondNothing);
// @ts-expect-error the handler comes last
worker(open, respondNothing, { auth: "required" });

// stores
declare const typed: DurableObjectNamespace<RateLimiter>;
declare const untyped: DurableObjectNamespace<undefined>;
policy({ store: durableObjectStore(typed) });
policy({ store: durableObjectStore(untyped) });
// @ts-expect-error a KV namespace is no limiter
durableObjectStore({} as KVNamespace);
