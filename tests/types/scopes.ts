import { anyOf, optional, policy } from "../../src/index.ts";
import { type Equal, holds, key, ok, read, type Session, session } from "./support.ts";

// the authenticator declares scopes: an unknown one does not compile
const keys = policy({ auth: key });
keys({ scopes: ["notes:read", "notes:write"] }, (_request, { auth }) => {
  auth.scopes.has("notes:read");
  // @ts-expect-error not a scope of this authenticator
  auth.scopes.has("notes:raed");
  return Response.json(auth.plan);
});
keys({ anyScope: ["notes:read"] }, ok);
// @ts-expect-error unknown scope
keys({ scopes: ["notes:raed"] }, ok);
// @ts-expect-error unknown scope beside a known one
keys({ scopes: ["notes:read", "admin"] }, ok);
// @ts-expect-error unknown scope
keys({ anyScope: ["admin"] }, ok);
// @ts-expect-error scopes are a list
keys({ scopes: "notes:read" }, ok);
keys.prepare({ scopes: ["notes:write"] }, (_request, { auth }) => Response.json(auth.plan));
// @ts-expect-error unknown scope
keys.prepare({ scopes: ["admin"] }, ok);

// it declares none: any text is a scope
policy({ auth: session })({ scopes: ["whatever"], anyScope: ["this", "that"] }, ok);

// without auth nobody has scopes
// @ts-expect-error no scopes without auth
policy()({ scopes: ["notes:read"] }, ok);
// @ts-expect-error no scopes without auth
policy()({ anyScope: ["notes:read"] }, ok);
// @ts-expect-error no scopes after auth was taken away
keys.with({ auth: "none" })({ scopes: ["notes:read"] }, ok);
keys.with({ auth: session })({ scopes: ["whatever"] }, ok);

// either, or
const either = policy({ auth: anyOf(session, key) });
either((_request, { auth }) => {
  holds<Equal<typeof auth.method, "session" | "key">>();
  // @ts-expect-error not narrowed
  read(auth.role);
  return Response.json(auth.method === "session" ? auth.role : auth.plan);
});
either({ scopes: ["any"] }, (_request, { auth }) => {
  switch (auth.method) {
    case "session":
      return Response.json(auth.role);
    case "key":
      return Response.json(auth.plan);
  }
});
// @ts-expect-error anyOf needs two
anyOf(session);
// @ts-expect-error optional goes outside
policy({ auth: anyOf(optional(session), key) });

// optional
const open = policy({ auth: optional(session) });
open((_request, { auth }) => {
  // @ts-expect-error may be anonymous
  read(auth.role);
  // @ts-expect-error may be null
  const subject: string = auth.subject;
  read(subject);
  const who: string = auth.subject ?? "guest";
  return Response.json(auth.method === "anonymous" ? who : auth.role);
});
for (const protect of [
  open({ scopes: ["a"] }, (_request, { auth }) => Response.json(auth.role)),
  open({ anyScope: ["a"] }, (_request, { auth }) => Response.json(auth.role)),
  open({ auth: "required" }, (_request, { auth }) => Response.json(auth.role)),
  open({ check: async (auth) => auth.role === "admin" }, (_request, { auth }) => Response.json(auth.role)),
])
  read(protect);
open({ methods: ["GET"] }, (_request, { auth }) => {
  // @ts-expect-error methods do not tighten
  read(auth.role);
  return ok();
});
policy({ auth: optional(anyOf(session, key)) })((_request, { auth }) => {
  holds<Equal<typeof auth.method, "session" | "key" | "anonymous">>();
  return ok();
});
policy({ auth: session }).with({ auth: optional(session) })((_request, { auth }) => {
  holds<Equal<typeof auth.method, "session" | "anonymous">>();
  return ok();
});
policy({ auth: session }).with({ auth: anyOf(session, key) })((_request, { auth }) => {
  holds<Equal<typeof auth.method, "session" | "key">>();
  return ok();
});
policy({
  auth: optional(session),
  checks: [
    {
      name: "who",
      check: (_request, { auth }) => {
        // @ts-expect-error may be anonymous
        read(auth.role);
        return { who: auth.subject ?? "guest" };
      },
    },
  ],
})((_request, { who }) => Response.json(who));

// a requirement's identity is the very one
open({ scopes: ["a"] }, (_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});

// what a failure costs
policy({ auth: session, authFailures: { limit: 5, windowSeconds: 300 } });
policy({ auth: session, authFailures: "off" });
// @ts-expect-error counting is on or "off"
policy({ auth: session, authFailures: false });
