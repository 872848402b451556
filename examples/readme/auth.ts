import { type Authenticator, type Identity, policy, problem } from "mantlet";

interface Session extends Identity<"session"> {
  readonly plan: "free" | "pro";
}

const sessions = new Map<string, { user: string; plan: "free" | "pro" }>([
  ["s3cr3t", { user: "ada", plan: "pro" }],
  ["s3cr3t-too", { user: "ben", plan: "free" }],
]);

export const session: Authenticator<Session> = {
  name: "session",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) => {
    const [, id = ""] = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
    const found = sessions.get(id);
    if (found) return { method: "session", subject: found.user, scopes: new Set(), plan: found.plan };
    return problem(401, "invalid_session", {
      headers: { "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"' },
    });
  },
};

const api = policy({
  auth: session,
  rateLimit: [
    { name: "address", limit: 300, windowSeconds: 60 }, // whoever guesses credentials
    { name: "caller", limit: 60, windowSeconds: 60, by: "identity" },
  ],
  routes: { "/health": { auth: "none", rateLimit: "none" } },
});

export const whoAmI = api((_request, { auth }) => Response.json({ hello: auth.subject ?? "nobody" }));
export const report = api({ check: (auth) => auth.plan === "pro" }, (_request, { auth }) =>
  Response.json({ plan: auth.plan, for: auth.subject }),
);
