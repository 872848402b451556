import {
  type Authenticator,
  type AuthState,
  type ContextOf,
  type FactsOf,
  type IdentityOf,
  type Policy,
  policy,
  type Refusal,
  type RequestContext,
} from "../../src/index.ts";
import { type Equal, holds, type Key, key, read, type Session, session } from "./support.ts";

const open = policy();
const api = policy({ auth: session });
const loose = policy({ auth: session, routes: { "/feed": { auth: "optional" } } });
const tenants = policy({ auth: session, checks: [{ name: "tenant", check: () => ({ tenant: "t" }) }] });

// a handler in a file of its own
async function separate(_request: Request, { auth, requestId }: ContextOf<typeof api>): Promise<Response> {
  return Response.json([auth.role, requestId]);
}
api(separate);
tenants(separate);
loose({ auth: "required" }, separate);
// @ts-expect-error the handler needs a session, this policy may have nobody
loose(separate);
// @ts-expect-error the handler needs a session, this policy has nobody
open(separate);
// @ts-expect-error the handler needs a session, this policy has keys
policy({ auth: key })(separate);
holds<Equal<ContextOf<typeof tenants>["tenant"], string>>();
holds<Equal<ContextOf<typeof open>["requestId"], string>>();
holds<Equal<keyof ContextOf<typeof open>, keyof RequestContext>>();
holds<Equal<IdentityOf<typeof session>, Session>>();
holds<Equal<FactsOf<[Refusal, undefined]>, unknown>>();

// a function that takes whatever policy it gets
function protect<Auth extends AuthState, Facts>(
  target: Policy<Auth, Facts>,
  handler: (request: Request, context: ContextOf<Policy<Auth, Facts>>) => Response,
): void {
  read(target.describe(), handler);
}
protect(api, (_request, { auth }) => Response.json(auth.role));
protect(tenants, (_request, { auth, tenant }) => Response.json([auth.role, tenant]));
protect(open, (_request, { requestId }) => Response.json(requestId));
// @ts-expect-error no auth in this policy
protect(open, (_request, { auth }) => Response.json(auth));

// a function that looks at nothing but the description
function audit(target: Pick<Policy, "describe">): void {
  read(target.describe());
}
for (const target of [open, api, loose, tenants]) audit(target);

// a policy stored under its type
export const stored: Policy<Session> = api;
// @ts-expect-error a policy that may be anonymous is not one that verifies
export const anonymous: Policy<Session> = loose;
// @ts-expect-error nor the other way round: handlers may rely on what `auth` says
export const forgotten: Policy<undefined> = api;
// @ts-expect-error nor one that has nobody for one that verifies
export const nobody: Policy<Session> = open;

// one of two at run time
const either = Math.random() > 1 ? policy({ auth: session }) : policy({ auth: key });
either.with({ requireHttps: true });
const chosen: Authenticator<Session | Key> = Math.random() > 1 ? session : key;
policy({ auth: chosen })((_request, { auth }) => Response.json(auth.method === "key" ? auth.plan : auth.role));

// results stay policies of their own types
export const moreFacts: Policy<Session> = tenants;
export const exported: Policy<Session, { tenant: string }> = tenants;
