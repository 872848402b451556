import { type Anonymous, policy } from "../../src/index.ts";
import { type Equal, holds, type Key, key, ok, read, type Session, session } from "./support.ts";

const open = policy({ cors: { origins: "*" } });
const api = policy({ auth: session });
const mixed = policy({ auth: session, routes: { "/health": { auth: "none" } } });
const tenants = policy({ auth: session, checks: [{ name: "tenant", check: () => ({ tenant: "t" }) }] });

// other keys keep the identity and the facts
api.with({ rateLimit: { limit: 5, windowSeconds: 60, by: "identity" } })((_request, { auth }) =>
  Response.json(auth.role),
);
tenants.with({ requireHttps: true })((_request, { auth, tenant }) => Response.json([auth.role, tenant]));
tenants.with({})((_request, { auth, tenant }) => Response.json([auth.role, tenant]));

// auth added, replaced, switched off
open.with({ auth: session })((_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});
api.with({ auth: key })((_request, { auth }) => {
  holds<Equal<typeof auth, Key>>();
  return ok();
});
api.with({ auth: "none" })((_request, context) => {
  // @ts-expect-error switched off
  read(context.auth);
  return ok();
});
// @ts-expect-error switched off
api.with({ auth: "none" })({ auth: "required" }, ok);
// @ts-expect-error switched off
api.with({ auth: "none", rateLimit: { limit: 1, windowSeconds: 1, by: "identity" } });
// @ts-expect-error only "none" is a word
api.with({ auth: "optional" });

// an inline authenticator: its parameters are typed, its identity is inferred, and new checks see it
api.with({
  auth: {
    name: "badge",
    challenge: "Badge",
    present: (request) => request.headers.has("x-badge"),
    authenticate: async (request) => ({
      method: "badge" as const,
      subject: request.url,
      scopes: new Set<"doors:open">(),
      floor: 1,
    }),
  },
  checks: [{ name: "floor", check: (_request, { auth }) => ({ above: auth.floor > 0 }) }],
})((_request, { auth, above }) => {
  holds<Equal<typeof auth.method, "badge">>();
  holds<Equal<typeof auth.floor, number>>();
  holds<Equal<typeof above, boolean>>();
  return ok();
});

// `checks` and key functions see the new identity wherever it stands
api.with({ checks: [{ name: "plan", check: (_request, { auth }) => ({ paid: auth.plan === "pro" }) }], auth: key });
api.with({ rateLimit: { limit: 1, windowSeconds: 1, by: ({ auth }) => auth.plan }, auth: key });

// routes that loosen: those of the old policy stay in force
mixed.with({ auth: key })((_request, { auth }) => {
  holds<Equal<typeof auth, Key | Anonymous>>();
  return ok();
});
api.with({ routes: { "/feed": { auth: "optional" } } })((_request, { auth }) => {
  holds<Equal<typeof auth, Session | Anonymous>>();
  return ok();
});
api.with({ auth: key, routes: { "/feed": { auth: "optional" } } })((_request, { auth }) => {
  holds<Equal<typeof auth, Key | Anonymous>>();
  return ok();
});
api.with({ routes: { "/login": { methods: ["POST"] } } })((_request, { auth }) => Response.json(auth.role));

// facts that were written for another identity are gone
tenants.with({ auth: key, checks: [{ name: "plan", check: (_request, { auth }) => ({ paid: auth.plan === "pro" }) }] })(
  (_request, context) => {
    holds<Equal<typeof context.paid, boolean>>();
    // @ts-expect-error the check that gave it was replaced
    read(context.tenant);
    return ok();
  },
);
tenants.with({ auth: "none", checks: [] })((_request, context) => {
  // @ts-expect-error the check that gave it was replaced
  read(context.tenant);
  return ok();
});
tenants.with({ routes: { "/health": { auth: "none" } }, checks: [] })((_request, context) => {
  // @ts-expect-error the check that gave it was replaced
  read(context.tenant);
  return ok();
});
tenants.with({
  auth: key,
  checks: [
    {
      name: "late",
      check: (_request, context) => {
        // @ts-expect-error a new check cannot read what the old ones gave
        read(context.tenant);
      },
    },
  ],
});

// mistakes
// @ts-expect-error typo
api.with({ rateLimits: [] });
// @ts-expect-error typo beside a valid key
api.with({ auth: key, rateLimits: [] });
// @ts-expect-error typo inside a route
api.with({ routes: { "/health": { auths: "none" } } });

// a chain
const chain = open
  .with({ auth: session })
  .with({ checks: [{ name: "a", check: () => ({ a: 1 }) }] })
  .with({ checks: [{ name: "b", check: (_request, { a }) => ({ b: String(a) }) }] });
chain((_request, { auth, a, b }) => {
  holds<Equal<typeof a, number>>();
  holds<Equal<typeof b, string>>();
  return Response.json(auth.role);
});
