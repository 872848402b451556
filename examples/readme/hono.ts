import { Hono } from "hono";
import { policy } from "mantlet";
import { middleware, requires } from "mantlet/hono";
import { jwt } from "mantlet/jwt";

const api = policy({
  auth: jwt({
    jwks: "https://id.example.com/.well-known/jwks.json",
    issuer: "https://id.example.com/",
    audience: "https://api.example.com",
    scopes: ["notes:read", "admin"],
  }),
  routes: { "/health": { auth: "none" } },
});

const app = new Hono()
  .use(middleware(api))
  .get("/health", (c) => c.json({ status: "ok", requestId: c.var.requestId }))
  .get("/admin", requires(api, { scopes: ["admin"] }), (c) => c.json({ hello: c.var.auth.subject }));

export default app;
