import { type FetchHandler, policy, secure } from "../../src/index.ts";
import { type Equal, holds, ok, session } from "./support.ts";

interface Env {
  readonly DB: string;
}
interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}
const api = policy({ auth: session });

// annotated arguments pass through, and the fetch handler asks for them
const annotated = api((_request, { auth }, env: Env, execution: ExecutionContext) => {
  execution.waitUntil(Promise.resolve());
  return Response.json([env.DB, auth.role]);
});
holds<Equal<Parameters<typeof annotated>, [request: Request, env: Env, execution: ExecutionContext]>>();
holds<Equal<ReturnType<typeof annotated>, Promise<Response>>>();

const required = api({ auth: "required" }, (_request, _context, env: Env) => Response.json(env.DB));
holds<Equal<Parameters<typeof required>, [request: Request, env: Env]>>();

const secured = secure((_request, _context, env: Env) => Response.json(env.DB));
holds<Equal<Parameters<typeof secured>, [request: Request, env: Env]>>();

// the type that is asked for gives them to the handler
export const contextual: (request: Request, env: Env, execution: ExecutionContext) => Promise<Response> = api(
  (_request, { auth }, env, execution) => {
    holds<Equal<typeof env, Env>>();
    execution.waitUntil(Promise.resolve());
    return Response.json(auth.subject);
  },
);
interface ExportedHandler<E> {
  fetch?: (request: Request, env: E, execution: ExecutionContext) => Response | Promise<Response>;
}
export const worker = {
  fetch: api((_request, _context, env, execution) => {
    holds<Equal<typeof env, Env>>();
    execution.waitUntil(Promise.resolve());
    return ok();
  }),
} satisfies ExportedHandler<Env>;
export const strictWorker = {
  fetch: api({ auth: "required" }, (_request, { auth }, env) => Response.json([auth.role, env.DB])),
} satisfies ExportedHandler<Env>;

// where nothing says what they are, they are unknown
api((_request, _context, ...native) => {
  holds<Equal<typeof native, readonly unknown[]>>();
  return ok();
});
const plain = api(ok);
plain(new Request("https://api.example.com/"));
export const asIs: FetchHandler = plain;
export const pages: (request: Request, context: { params: Promise<{ id: string }> }) => Promise<Response> = plain;

// Bun's server, Deno's info
export const bun = {
  fetch: api((request, _context, server: { requestIP(request: Request): { address: string } | null }) =>
    Response.json(server.requestIP(request)?.address),
  ),
};
export const deno: (request: Request, info: { remoteAddr: { hostname: string } }) => Promise<Response> = secure(
  (_request, _context, info) => Response.json(info.remoteAddr.hostname),
);

// @ts-expect-error the platform gives no such argument
export const mismatch: (request: Request, env: Env) => Promise<Response> = api((_r, _c, env: { KV: string }) =>
  Response.json(env.KV),
);
// @ts-expect-error the handler needs its environment
annotated(new Request("https://api.example.com/"));
