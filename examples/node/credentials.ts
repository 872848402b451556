import { SignJWT } from "jose";
import { type ApiKeyRecord, apiKey, generateApiKey } from "mantlet";
import { jwt } from "mantlet/jwt";

const scopes = ["notes:read", "notes:write"] as const;
type Scope = (typeof scopes)[number];

const issuer = "https://id.example.com/";
const audience = "https://notes.example.com";
/** Shared with whoever issues tokens. Without one, only this process can, for as long as it runs. */
const secret = process.env.JWT_SECRET ?? crypto.randomUUID() + crypto.randomUUID();

/** People come with a token. */
export const users = jwt({ secret, algorithms: ["HS256"], issuer, audience, scopes });

const records = new Map<string, ApiKeyRecord>();

/** Programs come with a key, of which only the hash is kept. */
export const machines = apiKey({ prefix: "notes_dev", scopes, lookup: (hash) => records.get(hash) ?? null });

/** Plays the identity provider: a token for somebody, valid for so many seconds from now. */
export function issueToken(subject: string, granted: readonly Scope[], lifetimeSeconds = 3600): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ scope: granted.join(" ") })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(now - 3600)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(new TextEncoder().encode(secret));
}

/** Makes a key for a program and remembers its hash. The key itself is shown once, to its owner. */
export async function issueKey(owner: string, granted: readonly Scope[]): Promise<string> {
  const { key, hash } = await generateApiKey("notes_dev");
  records.set(hash, { id: owner, scopes: granted });
  return key;
}
