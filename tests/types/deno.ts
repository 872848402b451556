// Checked by Deno, with its own types, against the package: tests/adapters/published.test.ts.
import { type Anonymous, type Authenticator, type Identity, optional, policy, problem, secure } from "mantlet";
import { type DenoFetch, denoHandler, denoKvStore } from "mantlet/deno";
import { z } from "zod";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<_Claim extends true>(): void;

interface Session extends Identity<"session", "notes:read" | "notes:write"> {
  readonly role: "user" | "admin";
}
declare const session: Authenticator<Session>;
const api = policy({
  auth: optional(session),
  checks: [{ name: "tenant", check: () => ({ tenant: "t1" }) }],
});

// what Deno.serve and deno serve call
Deno.serve(
  denoHandler(api, (request, { auth, clientIp, tenant }) => {
    holds<Equal<typeof auth, Session | Anonymous>>();
    holds<Equal<typeof clientIp, string | undefined>>();
    holds<Equal<typeof tenant, string>>();
    return Response.json([clientIp, request.url, auth.subject]);
  }),
);
Deno.serve(
  { port: 8000 },
  denoHandler(api, () => problem(404, "not_found")),
);
Deno.serve(
  { path: "/run/notes.sock" },
  denoHandler(api, () => Response.json({})),
);
export const served: Deno.ServeHandler = denoHandler(api, () => Response.json({}));
export default { fetch: denoHandler(api, () => Response.json({})) } satisfies Deno.ServeDefaultExport;
export const kept: DenoFetch = denoHandler(api, () => Response.json({}));
kept(new Request("https://api.example.com/"));

// requirements, as for api()
const NewNote = z.object({ text: z.string() });
export const post = {
  fetch: denoHandler(
    api,
    { scopes: ["notes:write"], body: NewNote, rawBody: true },
    (_request, { auth, body, rawBody }) => {
      holds<Equal<typeof auth, Session>>();
      holds<Equal<typeof body, { text: string }>>();
      holds<Equal<typeof rawBody, Uint8Array<ArrayBuffer>>>();
      return Response.json(body.text);
    },
  ),
} satisfies Deno.ServeDefaultExport;
denoHandler(api, { check: ({ role }) => role === "admin" }, (_request, { auth }) => Response.json(auth.role));

// without the adapter, info passes through
Deno.serve(secure(() => Response.json({})));
Deno.serve(api(() => Response.json({})));
export const native: Deno.ServeHandler = api((_request, _context, info) => Response.json(info.remoteAddr));

// the store
policy({ store: denoKvStore(await Deno.openKv()), rateLimit: { limit: 100, windowSeconds: 60 } });

// mistakes
const respond = () => Response.json({});
// @ts-expect-error no such scope
denoHandler(api, { scopes: ["notes:delete"] }, respond);
// @ts-expect-error a misspelt requirement
denoHandler(api, { scope: ["notes:read"] }, respond);
// @ts-expect-error a policy without auth knows no scopes
denoHandler(policy(), { scopes: ["notes:read"] }, respond);
// @ts-expect-error handlers give responses
denoHandler(api, () => "hello");
// @ts-expect-error no body was asked for
denoHandler(api, (_request, { body }) => Response.json(body));
// @ts-expect-error a handler alone is what secure() is for
denoHandler(respond);
// @ts-expect-error the handler comes last
denoHandler(api, respond, { auth: "required" });
