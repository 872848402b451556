import { Hono } from "hono";
import { type Authenticator, type Identity, policy, problem } from "mantlet";
import { middleware, requires } from "mantlet/hono";
import { z } from "zod";

type Scope = "notes:read" | "notes:write";

/** Who may call, by their tokens. A real app takes these from where it keeps its secrets. */
const callers: ReadonlyMap<string, Identity<"token", Scope>> = new Map([
  ["reader-7f3c", { method: "token", subject: "reader", scopes: new Set<Scope>(["notes:read"]) }],
  ["writer-91ab", { method: "token", subject: "writer", scopes: new Set<Scope>(["notes:read", "notes:write"]) }],
]);

const tokens: Authenticator<Identity<"token", Scope>> = {
  name: "token",
  challenge: 'Bearer realm="notes"',
  scopes: ["notes:read", "notes:write"],
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const headers = { "WWW-Authenticate": 'Bearer realm="notes", error="invalid_token"' };
    return callers.get(token ?? "") ?? problem(401, "invalid_token", { headers });
  },
};

const api = policy({
  cors: { origins: ["https://app.example.com"] },
  rateLimit: { limit: 300, windowSeconds: 60 },
  auth: tokens,
  routes: { "/health": { auth: "none", rateLimit: "none" } },
});

const notes: { readonly by: string; readonly title: string }[] = [];

export const app = new Hono()
  .use(middleware(api))
  .get("/health", (c) => c.json({ status: "ok" }))
  .get("/notes", requires(api, { scopes: ["notes:read"] }), (c) => c.json(notes))
  .post(
    "/notes",
    requires(api, {
      scopes: ["notes:write"],
      body: z.object({ title: z.string().min(1).max(200) }),
      rateLimit: { name: "writes", limit: 30, windowSeconds: 60, by: "identity" },
    }),
    (c) => {
      const note = { by: c.var.auth.subject, title: c.req.valid("json").title };
      notes.push(note);
      return c.json(note, 201);
    },
  );
