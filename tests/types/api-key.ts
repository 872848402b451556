import { apiKey } from "../../src/auth/api-key/api-key.ts";
import { hashApiKey } from "../../src/auth/api-key/hash.ts";
import { generateApiKey } from "../../src/auth/api-key/key-format.ts";
import type { ApiKeyEntry, ApiKeyIdentity, ApiKeyRecord } from "../../src/auth/api-key/lookup.ts";
import { type Anonymous, anyOf, optional, policy } from "../../src/index.ts";
import { type Equal, holds, ok, type Session, session } from "./support.ts";

const prefix = "acme_live";

// a record without meta: there is none to read
const plain = policy({
  auth: apiKey({ prefix, lookup: (hash) => (hash === "" ? null : { id: hash, scopes: ["a"] }) }),
});
plain((_request, { auth }) => {
  holds<Equal<typeof auth, ApiKeyIdentity>>();
  holds<Equal<typeof auth.meta, undefined>>();
  return Response.json(auth.subject);
});
plain({ scopes: ["anything"] }, ok);

// its meta is that of the records, whether they come at once, later, or from a list
type Plan = { plan: "free" | "pro" };
declare const find: (hash: string) => (ApiKeyRecord<Plan> & { readonly createdAt: Date }) | undefined;
const atOnce = apiKey({ prefix, lookup: find });
holds<Equal<typeof atOnce, ReturnType<typeof apiKey<Plan>>>>();
const later = apiKey({ prefix, lookup: async (hash) => find(hash) ?? null });
holds<Equal<typeof later, typeof atOnce>>();
const literal = apiKey({ prefix, lookup: async (id) => ({ id, scopes: [], meta: { plan: "pro", seats: 3 } }) });
policy({ auth: literal })((_request, { auth }) => {
  holds<Equal<typeof auth.meta, { plan: string; seats: number }>>();
  return ok();
});
declare const entries: readonly ApiKeyEntry<Plan>[];
const listed = apiKey({ prefix, lookup: entries });
holds<Equal<typeof listed, typeof atOnce>>();

// where only some records have it, the others say so
const some = apiKey({
  prefix,
  lookup: (id) => (id === "" ? { id, scopes: [], meta: undefined } : { id, scopes: [], meta: 7 }),
});
policy({ auth: some })((_request, { auth }) => {
  holds<Equal<typeof auth.meta, number | undefined>>();
  return ok();
});

// declared scopes are literals
const scoped = policy({ auth: apiKey({ prefix, lookup: find, scopes: ["notes:read", "notes:write"] }) });
scoped({ scopes: ["notes:read"], anyScope: ["notes:write"] }, (_request, { auth }) => {
  holds<Equal<typeof auth, ApiKeyIdentity<Plan, "notes:read" | "notes:write">>>();
  auth.scopes.has("notes:write");
  // @ts-expect-error not a scope of this authenticator
  auth.scopes.has("notes:wirte");
  return ok();
});
// @ts-expect-error the same in a requirement
scoped({ scopes: ["notes:wirte"] }, ok);

// it combines, and the union narrows on `method`
const either = policy({ auth: optional(anyOf(session, atOnce)) });
either((_request, { auth }) => {
  holds<Equal<typeof auth, Session | ApiKeyIdentity<Plan> | Anonymous>>();
  // @ts-expect-error not narrowed
  auth.meta;
  return Response.json(auth.method === "api-key" ? auth.meta.plan : auth.subject);
});

// rows of a database, with further columns and nulls
declare const row: Promise<{ id: string; scopes: string[]; expiresAt: Date | null; revoked: boolean } | null>;
apiKey({ prefix, lookup: () => row });

// peppers
apiKey({ prefix, lookup: find, pepper: ["the current one", async () => new Uint8Array(32)] });
generateApiKey(prefix, { pepper: () => "the current one" });
hashApiKey("key", "the current one");
declare const unset: string | undefined;
// @ts-expect-error a pepper that may be missing
hashApiKey("key", unset);
// @ts-expect-error a pepper that may be missing
generateApiKey(prefix, { pepper: unset });
// @ts-expect-error a third pepper
apiKey({ prefix, lookup: find, pepper: ["a", "b", "c"] });

// what is wrong
// @ts-expect-error a number would leave open whether it counts seconds
apiKey({ prefix, lookup: (id) => ({ id, scopes: [], expiresAt: 4_000_000_000 }) });
// @ts-expect-error scopes are a list
apiKey({ prefix, lookup: (id) => ({ id, scopes: "notes:read" }) });
// @ts-expect-error an entry needs its hash
apiKey({ prefix, lookup: [{ id: "1", scopes: [] }] });
// @ts-expect-error a misspelt expiry
apiKey({ prefix, lookup: [{ hash: "", id: "1", scopes: [], expires: new Date() }] });
// @ts-expect-error lookup is missing
apiKey({ prefix });
// @ts-expect-error prefix is missing
apiKey({ lookup: find });
// @ts-expect-error an unknown option
apiKey({ prefix, lookup: find, realms: "api" });
