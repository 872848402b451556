import { type Anonymous, policy, type RouteOverride } from "../../src/index.ts";
import { type Equal, holds, ok, read, type Session, session } from "./support.ts";

// where a route loosens, `auth` may be `Anonymous` everywhere
const mixed = policy({
  auth: session,
  routes: { "/health": { auth: "none", rateLimit: "none" }, "/feed": { cache: "shared" } },
});
mixed((_request, { auth }) => {
  holds<Equal<typeof auth, Session | Anonymous>>();
  // @ts-expect-error /health has nobody
  read(auth.role);
  // @ts-expect-error nobody has no subject
  const subject: string = auth.subject;
  read(subject);
  if (auth.method === "anonymous") {
    holds<Equal<typeof auth, Anonymous>>();
    return Response.json(auth.subject ?? "guest");
  }
  holds<Equal<typeof auth, Session>>();
  switch (auth.method) {
    case "session":
      return Response.json(auth.role);
  }
});
const optional = policy({ auth: session, routes: { "/feed": { auth: "optional" } } });
optional((_request, { auth }) => {
  holds<Equal<typeof auth.method, "session" | "anonymous">>();
  return ok();
});
const both = policy({ auth: session, routes: { "/health": { auth: "none" }, "/feed": { auth: "optional" } } });
both((_request, { auth }) => Response.json(auth.method === "session" ? auth.role : null));

// in checks and key functions alike, wherever the routes stand
policy({
  auth: session,
  routes: { "/health": { auth: "none" } },
  checks: [
    {
      name: "role",
      check: (_request, { auth }) => {
        // @ts-expect-error anonymous on /health
        read(auth.role);
      },
    },
  ],
});
policy({
  auth: session,
  checks: [
    {
      name: "role",
      check: (_request, { auth }) => {
        // @ts-expect-error anonymous on /health, also where the routes come last
        read(auth.role);
      },
    },
  ],
  routes: { "/health": { auth: "none" } },
});
policy({
  auth: session,
  // @ts-expect-error anonymous on /health
  rateLimit: { limit: 1, windowSeconds: 1, by: ({ auth }) => auth.role },
  routes: { "/health": { auth: "none" } },
});
policy({
  auth: session,
  rateLimit: { limit: 1, windowSeconds: 1, by: ({ auth, clientIp }) => auth.subject ?? clientIp ?? "unknown" },
  routes: { "/health": { auth: "none" } },
});

// routes that do not loosen change nothing
const tight = policy({
  auth: session,
  routes: {
    "/login": { rateLimit: { limit: 5, windowSeconds: 60 }, methods: ["POST"] },
    "/page": { headers: "html", cache: "shared" },
    "/hook": { crossOrigin: "off", rateLimit: [{ name: "hook", limit: 1, windowSeconds: 1, by: "ip" }] },
  },
});
tight((_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});

// limits of a route count by the policy's identity
policy({
  auth: session,
  routes: {
    "/orders": { rateLimit: { limit: 5, windowSeconds: 60, by: "identity" } },
    "/reports": { rateLimit: [{ name: "role", limit: 5, windowSeconds: 60, by: ({ auth }) => auth.role }] },
  },
})((_request, { auth }) => {
  holds<Equal<typeof auth, Session>>();
  return ok();
});
policy({
  auth: session,
  routes: {
    // @ts-expect-error anonymous on /health
    "/orders": { rateLimit: { limit: 5, windowSeconds: 60, by: ({ auth }) => auth.role } },
    "/health": { auth: "none" },
  },
});
policy({
  auth: session,
  routes: {
    "/orders": { rateLimit: { limit: 5, windowSeconds: 60, by: ({ auth }) => auth.subject ?? "nobody" } },
    "/health": { auth: "none" },
  },
})((_request, { auth }) => {
  holds<Equal<typeof auth, Session | Anonymous>>();
  return ok();
});
policy({ auth: session }).with({
  routes: { "/orders": { rateLimit: { limit: 5, windowSeconds: 60, by: "identity" } } },
});
// @ts-expect-error nobody to count
policy({ routes: { "/orders": { rateLimit: { limit: 5, windowSeconds: 60, by: "identity" } } } });

// a policy without auth stays without
policy({ routes: { "/health": { rateLimit: "none" } } })((_request, context) => {
  // @ts-expect-error no auth in this policy
  read(context.auth);
  return ok();
});

// overrides whose keys are not known may loosen
declare const overrides: Record<`/${string}`, RouteOverride>;
policy({ auth: session, routes: overrides })((_request, { auth }) => {
  // @ts-expect-error one of them may say none
  read(auth.role);
  return ok();
});

// mistakes
// @ts-expect-error typo beside a valid key
policy({ auth: session, routes: { "/health": { auth: "none", ratelimit: "none" } } });
// @ts-expect-error paths start with a slash
policy({ auth: session, routes: { health: { auth: "none" } } });
// @ts-expect-error not a value of auth
policy({ auth: session, routes: { "/health": { auth: "off" } } });
// @ts-expect-error "required" is a requirement of a handler
policy({ auth: session, routes: { "/health": { auth: "required" } } });
// @ts-expect-error the one profile is "html"
policy({ routes: { "/page": { headers: "xml" } } });
// @ts-expect-error protection can only be switched off
policy({ routes: { "/hook": { crossOrigin: "on" } } });
// @ts-expect-error a path of one entry is no list of entries
policy({ routes: [{ path: "/health", auth: "none" }] });
