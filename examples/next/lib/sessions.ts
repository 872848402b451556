import { type Authenticator, type Identity, problem } from "mantlet";

type Scope = "notes:read" | "notes:write";

const known = new Map<string, { subject: string; scopes: readonly Scope[] }>([
  ["reader", { subject: "u1", scopes: ["notes:read"] }],
  ["writer", { subject: "u2", scopes: ["notes:read", "notes:write"] }],
]);

/** Who is behind a bearer token. A real one asks a database, or is `jwt()`. */
export const sessions: Authenticator<Identity<"session", Scope>> = {
  name: "session",
  challenge: 'Bearer realm="notes"',
  scopes: ["notes:read", "notes:write"],
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) => {
    const token = /^Bearer (\w+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    const found = known.get(token);
    if (found) return { method: "session", subject: found.subject, scopes: new Set(found.scopes) }; // one for each request
    return problem(401, "invalid_token", {
      headers: { "WWW-Authenticate": 'Bearer realm="notes", error="invalid_token"' },
    });
  },
};
