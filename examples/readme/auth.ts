import { type Authenticator, type Identity, policy, problem } from "mantlet";

interface Session extends Identity<"session"> {
  readonly plan: "free" | "pro";
}

const sessions = new Map<string, Session>([
  ["s3cr3t", { method: "session", subject: "ada", scopes: new Set(), plan: "pro" }],
]);
const tokenOf = (request: Request) => request.headers.get("authorization")?.replace(/^Bearer /, "");

const session: Authenticator<Session> = {
  name: "session",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) =>
    sessions.get(tokenOf(request) ?? "") ??
    problem(401, "invalid_session", { headers: { "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"' } }),
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
