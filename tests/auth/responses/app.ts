import { type ApiKeyRecord, anyOf, apiKey, type FetchHandler, optional, policy, problem } from "../../../src/index.ts";
import { jwt } from "../../../src/jwt.ts";
import { audience, issuer, keys, resourceMetadata, secret } from "./credentials.ts";

const scopes = ["notes:read", "notes:write"] as const;
const users = jwt({ secret, algorithms: ["HS256"], issuer, audience, scopes, resourceMetadata });
/** Nobody listens on port 1: the keys of these tokens are never to be had. */
const strangers = jwt({ jwks: "http://127.0.0.1:1/jwks.json", issuer, audience, resourceMetadata });

const records: ReadonlyMap<string, ApiKeyRecord> = new Map([
  [keys.good.hash, { id: "writer", scopes }],
  [keys.expired.hash, { id: "former", scopes, expiresAt: new Date(0) }],
]);
const machines = apiKey({
  prefix: "acme_test",
  scopes,
  lookup: async (hash) => {
    if (hash === keys.unreachable.hash) throw new Error("the key store is down");
    return records.get(hash);
  },
});

const open = { cors: { origins: ["https://app.example.com"] }, onEvent: () => undefined };
const common = { ...open, authFailures: "off" } as const; // the table is full of bad credentials
const token = policy({ ...common, auth: users });
const key = policy({ ...common, auth: machines });
const either = policy({ ...common, auth: anyOf(users, machines) });
const anybody = policy({ ...common, auth: optional(anyOf(users, machines)) });
const away = policy({ ...common, auth: strangers });

const whoami = (_request: Request, { auth }: { auth: { method: string; subject: string | null } }): Response =>
  Response.json({ method: auth.method, subject: auth.subject });

const handlers: ReadonlyMap<string, FetchHandler> = new Map([
  ["/token", token(whoami)],
  ["/token/write", token({ scopes: ["notes:write"] }, whoami)],
  ["/token/check", token({ check: () => false }, whoami)],
  ["/key", key(whoami)],
  ["/key/write", key({ scopes: ["notes:write"] }, whoami)],
  ["/either", either({ scopes: ["notes:read"] }, whoami)],
  ["/anybody", anybody(whoami)],
  ["/away", away(whoami)],
]);
const nowhere: FetchHandler = policy(open)(() => problem(404, "no_such_route"));

/** The same API on every runtime. */
export const fetch: FetchHandler = (request, ...native) =>
  (handlers.get(new URL(request.url).pathname) ?? nowhere)(request, ...native);
