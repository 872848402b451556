import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { type Anonymous, type Authenticator, anyOf, type Identity, optional, policy } from "../../src/index.ts";
import { type JwtAuthenticator, type JwtIdentity, jwt, type StandardClaims } from "../../src/jwt.ts";
import { type Equal, holds, ok, read } from "./support.ts";

// a schema types the claims
const User = z.object({ sub: z.string(), role: z.enum(["user", "admin"]) });
interface UserClaims {
  sub: string;
  role: "user" | "admin";
}
const auth = jwt({
  jwks: "https://id.example.com/.well-known/jwks.json",
  issuer: "https://id.example.com/",
  audience: "api",
  claims: User,
});
holds<Equal<typeof auth, JwtAuthenticator<JwtIdentity<UserClaims, string>>>>();
const api = policy({ auth, rateLimit: [{ limit: 60, windowSeconds: 60, by: "identity" }] });
api((_request, context) => {
  holds<Equal<typeof context.auth, JwtIdentity<UserClaims, string>>>();
  holds<Equal<typeof context.auth.method, "jwt">>();
  holds<Equal<typeof context.auth.issuer, string>>();
  // @ts-expect-error the schema says nothing of it
  read(context.auth.claims.nope);
  // @ts-expect-error what was verified stays as it is
  context.auth.subject = "eve";
  // @ts-expect-error scopes too
  context.auth.scopes.add("admin");
  return Response.json(context.auth.claims.role);
});
api({ scopes: ["whatever"] }, ok); // not declared: any text
api({ check: ({ claims }, request) => claims.role === "admin" && request.method === "GET" }, (_request, context) =>
  Response.json(context.auth.claims.role),
);

// without a schema: the standard claims, and anything else as unknown
const standard = policy({ auth: jwt({ jwks: new URL("https://id.example.com/"), issuer: "i", audience: "a" }) });
standard((_request, context) => {
  holds<Equal<typeof context.auth, JwtIdentity<StandardClaims, string>>>();
  holds<Equal<typeof context.auth.claims.sub, string>>();
  holds<Equal<typeof context.auth.claims.exp, number>>();
  holds<Equal<typeof context.auth.claims.org, unknown>>();
  return ok();
});

// schemas of other libraries, what they make of the claims, and asynchronous ones
const rest = { secret: "x".repeat(32), algorithms: ["HS256"], issuer: "i", audience: "a" } as const;
policy({ auth: jwt({ ...rest, claims: v.object({ org: v.pipe(v.string(), v.transform(Number)) }) }) })(
  (_r, context) => {
    holds<Equal<typeof context.auth.claims, { org: number }>>();
    return ok();
  },
);
policy({ auth: jwt({ ...rest, claims: type({ org: "string.integer.parse" }) }) })((_request, context) => {
  holds<Equal<typeof context.auth.claims, { org: number }>>();
  return ok();
});
policy({ auth: jwt({ ...rest, claims: User.transform(async ({ role }) => ({ isAdmin: role === "admin" })) }) })(
  (_request, context) => {
    holds<Equal<typeof context.auth.claims, { isAdmin: boolean }>>();
    return ok();
  },
);
// @ts-expect-error not a schema
jwt({ ...rest, claims: { sub: "string" } });

// declared scopes
const scoped = policy({ auth: jwt({ ...rest, scopes: ["notes:read", "notes:write"] }) });
scoped({ scopes: ["notes:write"] }, (_request, context) => {
  holds<Equal<typeof context.auth, JwtIdentity<StandardClaims, "notes:read" | "notes:write">>>();
  context.auth.scopes.has("notes:read");
  // @ts-expect-error unknown scope
  context.auth.scopes.has("notes:reed");
  return ok();
});
// @ts-expect-error unknown scope
scoped({ scopes: ["notes:wrte"] }, ok);
// @ts-expect-error unknown scope
scoped({ anyScope: ["notes:read", "notes:wrte"] }, ok);

// where scopes are read
jwt({ ...rest, scopesFrom: "permissions" });
jwt({ ...rest, scopesFrom: ({ sub, org }) => [sub, String(org)] });
jwt({
  ...rest,
  claims: User,
  scopesFrom: (claims) => {
    holds<Equal<typeof claims, UserClaims>>();
    return new Set([claims.role]);
  },
});
// @ts-expect-error another claim is read by a function
jwt({ ...rest, scopesFrom: "groups" });
// @ts-expect-error scopes are texts
jwt({ ...rest, scopesFrom: () => [1] });
// @ts-expect-error what the schema does not give is not there
jwt({ ...rest, claims: User, scopesFrom: ({ roles }) => roles });

// one form or the other
jwt({ secret: async () => "x", algorithms: ["HS256", "HS384"], issuer: ["i", "j"], audience: "a" });
jwt({ secret: new Uint8Array(64), algorithms: ["HS512"], issuer: "i", audience: ["a", "b"] });
jwt({ jwks: { keys: [{ kty: "OKP" }] }, algorithms: ["EdDSA", "Ed25519"], issuer: "i", audience: "a" });
declare const publicKey: CryptoKey;
jwt({ jwks: publicKey, issuer: "i", audience: { claim: "client_id", values: ["web"] } });
jwt({ jwks: (issuer) => (issuer === "i" ? new URL(issuer) : publicKey), issuer: ["i", "j"], audience: "a" });
jwt({
  jwks: "https://x.example/",
  issuer: "i",
  audience: "a",
  staleIfErrorSeconds: 60,
  keySetCache: { get: () => null, set: () => undefined },
});
// @ts-expect-error HMAC with a key set
jwt({ jwks: "https://x.example/", algorithms: ["HS256"], issuer: "i", audience: "a" });
// @ts-expect-error algorithms of public keys with a secret
jwt({ secret: "s", algorithms: ["RS256"], issuer: "i", audience: "a" });
// @ts-expect-error both
jwt({ secret: "s", jwks: "https://x.example/", algorithms: ["HS256"], issuer: "i", audience: "a" });
// @ts-expect-error neither
jwt({ algorithms: ["HS256"], issuer: "i", audience: "a" });
// @ts-expect-error issuer
jwt({ jwks: "https://x.example/", audience: "a" });
// @ts-expect-error audience
jwt({ jwks: "https://x.example/", issuer: "i" });
// @ts-expect-error algorithms are required with a secret
jwt({ secret: "s", issuer: "i", audience: "a" });
// @ts-expect-error an empty list
jwt({ secret: "s", algorithms: [], issuer: "i", audience: "a" });
// @ts-expect-error none
jwt({ secret: "s", algorithms: ["none"], issuer: "i", audience: "a" });
// @ts-expect-error no issuer
jwt({ ...rest, issuer: [] });
// @ts-expect-error no audience
jwt({ ...rest, audience: [] });
// @ts-expect-error another claim
jwt({ ...rest, audience: { claim: "sub", values: ["a"] } });
// @ts-expect-error typo
jwt({ jwks: "https://x.example/", issuer: "i", audience: "a", clockTolerance: 5 });
// @ts-expect-error how key sets are fetched is of no use to a secret
jwt({ ...rest, staleIfErrorSeconds: 60 });
// @ts-expect-error a cache has bounds
jwt({ ...rest, cache: { maxEntries: 100 } });
// @ts-expect-error an option may be absent, not undefined
jwt({ ...rest, realm: undefined });
declare const fromEnvironment: string | undefined;
// @ts-expect-error a variable may be unset
jwt({ ...rest, secret: fromEnvironment });

// what it is: an authenticator, with two functions more
const plain: Authenticator<Identity> = auth;
read(plain);
const whole: Promise<void> = auth.warmup();
read(whole, auth.purge());
// @ts-expect-error only what can be verified
const other: Authenticator<JwtIdentity<{ tenant: string }>> = auth;
read(other);

// narrowed on `method` beside another
declare const key: Authenticator<Identity<"api-key"> & { readonly meta: { plan: "pro" | "free" } }>;
policy({ auth: anyOf(auth, key) })((_request, { auth: who }) => {
  holds<Equal<typeof who.method, "jwt" | "api-key">>();
  // @ts-expect-error not narrowed
  read(who.claims);
  return who.method === "jwt" ? Response.json(who.claims.role) : Response.json(who.meta.plan);
});
const maybe = policy({ auth: optional(auth) });
maybe((_request, { auth: who }) => {
  holds<Equal<typeof who, JwtIdentity<UserClaims, string> | Anonymous>>();
  // @ts-expect-error may be nobody
  read(who.claims);
  return Response.json(who.method === "anonymous" ? (who.subject ?? "guest") : who.claims.role);
});
maybe({ auth: "required" }, (_request, { auth: who }) => Response.json(who.claims.role));
maybe({ scopes: ["a"] }, (_request, { auth: who }) => Response.json(who.claims.role));

// in checks, key functions and policies made of others
policy({
  auth,
  rateLimit: { limit: 1, windowSeconds: 1, by: ({ auth: who }) => who.claims.role },
  checks: [{ name: "admin", check: (_request, { auth: who }) => ({ isAdmin: who.claims.role === "admin" }) }],
})((_request, { isAdmin }) => Response.json(isAdmin));
policy().with({ auth })((_request, { auth: who }) => Response.json(who.claims.role));
