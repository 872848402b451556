import { type Authenticator, type Identity, problem } from "mantlet";

type Scope = "notes:read" | "notes:write";

const known = new Map<string, Identity<"session", Scope>>([
  ["reader", { method: "session", subject: "u1", scopes: new Set(["notes:read"]) }],
  ["writer", { method: "session", subject: "u2", scopes: new Set(["notes:read", "notes:write"]) }],
]);

/** Who is behind a bearer token. A real one asks a database, or is `jwt()`. */
export const sessions: Authenticator<Identity<"session", Scope>> = {
  name: "session",
  challenge: 'Bearer realm="notes"',
  scopes: ["notes:read", "notes:write"],
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) => {
    const token = /^Bearer (\w+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    return (
      known.get(token) ??
      problem(401, "invalid_token", {
        headers: { "WWW-Authenticate": 'Bearer realm="notes", error="invalid_token"' },
      })
    );
  },
};
