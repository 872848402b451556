import { type Anonymous, policy } from "../../src/index.ts";
import { type Equal, holds, ok, read, type Session, session } from "./support.ts";

const open = policy();
const api = policy({ auth: session });
/** Its `auth` may be `Anonymous`: a route loosens. */
const loose = policy({ auth: session, routes: { "/feed": { auth: "optional" } } });

// requirements tighten: the handler is never called for nobody
loose((_request, { auth }) => {
  // @ts-expect-error may be anonymous
  read(auth.role);
  return ok();
});
loose({ auth: "required" }, (_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});
loose({ check: (auth) => auth.role === "admin" }, (_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});
loose({ check: async (auth, request) => auth.role === "admin" && request.method === "GET" }, (_request, { auth }) =>
  Response.json(auth.role),
);
loose({ auth: "required", check: () => true }, (_request, { auth }) => Response.json(auth.role));
loose.prepare({ auth: "required" }, (_request, { auth }) => Response.json(auth.role));
loose.prepare((_request, { auth }) => {
  holds<Equal<typeof auth, Session | Anonymous>>();
  return ok();
});

// others do not
loose({ methods: ["GET"], rateLimit: { name: "heavy", limit: 1, windowSeconds: 1 } }, (_request, { auth }) => {
  // @ts-expect-error neither methods nor limits tighten
  read(auth.role);
  return ok();
});
loose({}, (_request, { auth }) => {
  // @ts-expect-error nor does nothing
  read(auth.role);
  return ok();
});

// with auth that holds everywhere they change nothing
api({ auth: "required", methods: ["POST"] }, (_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});

// without auth
// @ts-expect-error this policy has nobody to require
open({ auth: "required" }, ok);
// @ts-expect-error this policy has nobody to check
open({ check: () => true }, ok);
open({ methods: ["GET", "POST"] }, ok);

// mistakes
// @ts-expect-error unknown requirement
api({ method: ["GET"] }, ok);
// @ts-expect-error unknown requirement beside valid ones
api({ auth: "required", scope: ["notes:write"] }, ok);
// @ts-expect-error unknown requirement beside a check
api({ check: () => true, ratelimit: { name: "a", limit: 1, windowSeconds: 1 } }, ok);
// @ts-expect-error a requirement can only tighten
api({ auth: "none" }, ok);
// @ts-expect-error a requirement can only tighten
api({ auth: "optional" }, ok);
// @ts-expect-error a check decides: it gives true or false
api({ check: () => undefined }, ok);
// @ts-expect-error a truthy value is no decision
api({ check: (auth) => auth.subject }, ok);
// @ts-expect-error methods are a list
api({ methods: "GET" }, ok);
