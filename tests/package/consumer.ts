/** A user's program: what it says is type-checked, and it ends with "served" on every runtime. */
export const program = `import { type Authenticator, type Identity, policy, problem, type RequestContext, secure } from "mantlet";

interface Session extends Identity<"session"> {
  readonly role: "user" | "admin";
}
const session: Authenticator<Session> = {
  name: "session",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: () => ({ method: "session", subject: "u1", scopes: new Set(), role: "admin" }),
};
const api = policy({
  auth: session,
  cors: { origins: ["https://app.example.com"], credentials: true },
  rateLimit: { limit: 5, windowSeconds: 60, by: "identity" },
  headers: { permissionsPolicy: { camera: [] } },
  checks: [{ name: "tenant", check: () => ({ tenant: "t1" }) }],
});
const handler = api({ check: ({ role }) => role === "admin" }, (request, { auth, tenant }) =>
  request.method === "GET" ? Response.json([auth.role, tenant]) : problem(405, "read_only", { headers: { Allow: "GET" } }),
);
const context = (_request: Request, { requestId }: RequestContext): Response => Response.json(requestId);

// @ts-expect-error the types are really there: a misspelt key is an error
if (Math.random() > 1) policy({ rateLimits: [] });

const refused = await handler(new Request("https://api.example.com/"));
const served = await handler(new Request("https://api.example.com/", { headers: { authorization: "x" } }));
const plain = await secure(context)(new Request("https://api.example.com/"));
const statuses = [refused.status, served.status, plain.status].join();
if (statuses !== "401,200,200") throw new Error(statuses);
const facts: unknown = await served.json();
if (JSON.stringify(facts) !== '["admin","t1"]') throw new Error(JSON.stringify(facts));
console.log("served");
`;
