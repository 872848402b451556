import { anyOf, apiKey, optional, policy } from "mantlet";
import { jwt } from "mantlet/jwt";

const scopes = ["notes:read", "notes:write"] as const;
const people = jwt({
  secret: () => process.env.JWT_SECRET ?? "", // too short is a 500, never a pass
  algorithms: ["HS256"],
  issuer: "https://id.example.com/",
  audience: "https://api.example.com",
  scopes,
});
const programs = apiKey({ prefix: "acme_live", scopes, lookup: async (_hash) => null });

const api = policy({ auth: anyOf(people, programs) });
export const whoAmI = api({ scopes: ["notes:read"] }, (_request, { auth }) =>
  Response.json(auth.method === "api-key" ? { key: auth.subject } : { issuedAt: auth.claims.iat }),
);

const open = policy({ auth: optional(people) });
export const greet = open((_request, { auth }) => Response.json({ hello: auth.subject ?? "stranger" }));
