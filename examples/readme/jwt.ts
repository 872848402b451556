import { policy } from "mantlet";
import { jwt } from "mantlet/jwt";
import { z } from "zod";

const api = policy({
  auth: jwt({
    jwks: "https://id.example.com/.well-known/jwks.json",
    issuer: "https://id.example.com/",
    audience: "https://api.example.com",
    scopes: ["notes:read", "notes:write"],
    claims: z.object({ sub: z.string(), role: z.enum(["user", "admin"]) }),
  }),
  rateLimit: [
    { name: "address", limit: 300, windowSeconds: 60 },
    { name: "caller", limit: 60, windowSeconds: 60, by: "identity" },
  ],
  routes: { "/health": { auth: "none", rateLimit: "none" } },
});

export const list = api({ scopes: ["notes:read"] }, (_request, { auth }) => Response.json({ for: auth.subject }));
export const purge = api(
  { scopes: ["notes:write"], check: (auth) => auth.claims.role === "admin" },
  () => new Response(null, { status: 204 }),
);
export const health = api((_request, { auth }) => Response.json({ hello: auth.subject ?? "nobody" }));
