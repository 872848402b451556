import { type Authenticator, policy, problem } from "../../src/index.ts";

const bearer: Authenticator = {
  name: "bearer",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) =>
    request.headers.get("authorization") === "Bearer alice"
      ? { method: "bearer", subject: "alice", scopes: new Set<string>() }
      : problem(401, "invalid_token", { headers: { "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"' } }),
};

export class Overloaded extends Error {}

/** The policy of the application: every concern is configured. */
export const api = policy({
  headers: { extra: { "X-Robots-Tag": "noindex" } },
  cors: {
    origins: ["https://app.example.com", "https://*.tenants.example.com", "http://localhost:*"],
    credentials: true,
    exposeHeaders: ["X-Total-Count"],
  },
  rateLimit: { name: "wide", limit: 100_000, windowSeconds: 60 },
  auth: bearer,
  routes: {
    "/*": { auth: "none" },
    "/private/*": {},
    "/limited": { auth: "none", rateLimit: { name: "narrow", limit: 3, windowSeconds: 3600 } },
    "/webhook": { auth: "none", crossOrigin: "off" },
  },
  onError: (error) =>
    error instanceof Overloaded ? Response.json({ code: "overloaded" }, { status: 503 }) : undefined,
  onEvent: () => undefined,
});
