import { anyOf, apiKey, optional, policy } from "mantlet";
import { jwt } from "mantlet/jwt";

const people = jwt({
  secret: () => process.env.JWT_SECRET ?? "", // too short is a 500, never a pass
  algorithms: ["HS256"],
  issuer: "https://id.example.com/",
  audience: "https://api.example.com",
});
const programs = apiKey({ prefix: "acme_live", lookup: async (_hash) => null });

const api = policy({ auth: anyOf(people, programs) });
export const whoAmI = api((_request, { auth }) =>
  Response.json(auth.method === "jwt" ? { issuedAt: auth.claims.iat } : { key: auth.subject }),
);

const open = policy({ auth: optional(people) });
export const greet = open((_request, { auth }) => Response.json({ hello: auth.subject ?? "stranger" }));
