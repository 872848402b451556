import { type Check, policy, problem, type Refusal } from "../../src/index.ts";
import { type Equal, holds, key, ok, read, type Session, session } from "./support.ts";

const tenants = policy({
  auth: session,
  checks: [
    {
      name: "tenant",
      check: async (_request, { auth }) =>
        auth.role === "admin" ? { tenant: { id: "t", plan: "pro" as "pro" | "free" } } : problem(403, "no_tenant"),
    },
    { name: "beta", check: (request) => (request.headers.has("x-beta") ? { beta: true } : undefined) },
    { name: "gate", check: () => undefined },
    { name: "silent", check: () => {} },
    { name: "closed", check: () => problem(403, "closed") },
  ],
});

// facts are members of the context; optional where a check may give none
tenants((_request, { tenant, beta, auth }) => {
  holds<Equal<typeof tenant, { id: string; plan: "pro" | "free" }>>();
  holds<Equal<typeof beta, boolean | undefined>>();
  return Response.json([tenant.id, beta, auth.role]);
});
tenants({ auth: "required" }, (_request, { tenant }) => Response.json(tenant.plan));
tenants((_request, context) => {
  // @ts-expect-error no check gives it
  read(context.quota);
  return ok();
});

// checks in `with` see the facts of the policy
const quotas = tenants.with({
  checks: [
    {
      name: "quota",
      check: (_request, { tenant, auth }) => ({ quota: tenant.plan === "pro" ? 10 : auth.role.length }),
    },
  ],
});
quotas((_request, { quota, tenant, beta }) => {
  holds<Equal<typeof quota, number>>();
  return Response.json([tenant.id, beta]);
});

// those of one list do not see each other's
policy({
  auth: session,
  checks: [
    { name: "first", check: () => ({ first: 1 }) },
    // @ts-expect-error the facts of a sibling are not there yet
    { name: "second", check: (_request, context) => ({ second: context.first }) },
  ],
});

// a check that is written on its own says what it needs
const needsAdmin: Check<{ readonly auth: Session }, { readonly admin: true } | Refusal> = {
  name: "admin",
  check: ({ method }, { auth }) => (method === "GET" || auth.role === "admin" ? { admin: true } : problem(403, "no")),
};
policy({ auth: session, checks: [needsAdmin] })((_request, { admin }) => {
  holds<Equal<typeof admin, true>>();
  return ok();
});
tenants.with({ checks: [needsAdmin] })((_request, { admin, tenant }) => Response.json([admin, tenant.id]));
// @ts-expect-error it needs an identity
policy({ checks: [needsAdmin] });
// @ts-expect-error it needs one with a role
policy({ auth: key, checks: [needsAdmin] });
// @ts-expect-error it needs an identity, this one may be anonymous
policy({ auth: session, routes: { "/health": { auth: "none" } }, checks: [needsAdmin] });

// without auth
policy({ checks: [{ name: "open", check: (request) => ({ path: new URL(request.url).pathname }) }] })(
  (_request, { path }) => Response.json(path),
);
// @ts-expect-error no auth, so a check cannot read it
policy({ checks: [{ name: "who", check: (_request, { auth }) => ({ who: auth }) }] });

// mistakes
// @ts-expect-error checks are a list
policy({ checks: { name: "gate", check: () => undefined } });
// @ts-expect-error a check has a name
policy({ checks: [{ check: () => undefined }] });
// @ts-expect-error a bare function has no name in describe()
policy({ checks: [() => undefined] });

interface Tenant {
  readonly name: string;
}
declare const findTenant: () => Promise<{ readonly tenant: Tenant }>;
declare const findFacts: () => Tenant | undefined;
policy({
  checks: [
    { name: "tenant", check: findTenant },
    { name: "name", check: () => findFacts() },
    { name: "none", check: async () => {} },
  ],
})((_request, { tenant, name }) => Response.json([tenant.name, name]));

// what is no outcome: with each of these every request would be 500
// @ts-expect-error a boolean says nothing
policy({ checks: [{ name: "no", check: () => false }] });
// @ts-expect-error nor does one that a condition gives
policy({ checks: [{ name: "no", check: (request) => request.headers.has("x") }] });
// @ts-expect-error nor a promise of one
policy({ checks: [{ name: "no", check: async () => true }] });
// @ts-expect-error a refusal is made by problem()
policy({ checks: [{ name: "no", check: () => new Response(null, { status: 403 }) }] });
// @ts-expect-error a text is no fact
policy({ checks: [{ name: "no", check: () => "no" }] });
// @ts-expect-error a name of the context
policy({ checks: [{ name: "no", check: () => ({ auth: 1 }) }] });
// @ts-expect-error in with() too
policy().with({ checks: [{ name: "no", check: () => false }] });
