/** A user's program of the root entry alone: what it says is type-checked, and it ends with "served" on every runtime. */
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

/** One that reads its settings with zod, the same way. */
export const settingsProgram = `import { policy } from "mantlet";
import { httpsUrl, originList, secret, trustedProxies } from "mantlet/zod";
import { z } from "zod";

const Environment = z.object({
  CORS_ORIGINS: originList(),
  SECRET: secret({ minBytes: 16 }),
  ISSUER: httpsUrl(),
  PROXIES: trustedProxies().default([]),
});
const { CORS_ORIGINS, PROXIES } = Environment.parse({
  CORS_ORIGINS: "https://app.example.com",
  SECRET: "q4vXo9dTn1Zy7KfBwR2m",
  ISSUER: "https://id.example.com/",
});
const origins: string[] = CORS_ORIGINS;
const proxies: string[] = PROXIES;
// @ts-expect-error the types are really there: origins are a list
const list: string = CORS_ORIGINS;
// @ts-expect-error the types are really there: the size says its unit
if (Math.random() > 1) secret({ min: 16 });

const NewNote = z.object({ text: z.string(), tags: z.array(z.string()).default([]) });
const api = policy({ cors: { origins } });
const handler = api({ body: NewNote }, (_request, { body }) => {
  const tags: string[] = body.tags;
  return Response.json([body.text, ...tags, ...proxies]);
});
const send = (body: string): Promise<Response> =>
  handler(
    new Request("https://api.example.com/", { method: "POST", body, headers: { "content-type": "application/json" } }),
  );
const responses = [await send('{"text":"a"}'), await send('{"text":1}'), await send("{")];
const statuses = responses.map(({ status }) => status).join();
if (statuses !== "200,422,400" || list.length !== 1) throw new Error(statuses);
const mistakes = Environment.safeParse({ CORS_ORIGINS: "null", SECRET: "", ISSUER: "" }).error?.issues.length;
if (mistakes !== 3) throw new Error(String(mistakes));
console.log("served");
`;
