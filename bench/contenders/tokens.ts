import { SignJWT } from "jose/jwt/sign";
import { jwtVerify } from "jose/jwt/verify";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";
import { jwt } from "../../src/jwt.ts";

export const algorithms = ["HS256", "RS256", "ES256", "EdDSA"] as const;
export type Algorithm = (typeof algorithms)[number];

/** Who verifies a token of one algorithm. */
export interface Verifier {
  readonly name: string;
  /** The token that its requests carry. */
  readonly token: string;
  /** Gives the subject, or a promise of something that tells it. */
  readonly verify: (request: Request, token: string) => unknown;
}

const issuer = "https://id.example.com/";
const audience = "api";
export const subject = "user-42";
const claims = {
  scope: "notes:read notes:write",
  email: "ann@example.com",
  email_verified: true,
  name: "Ann Example",
  org: { id: "o-123", plan: "pro" },
  roles: ["admin", "user"],
  azp: "client-1",
  jti: "0b9a6f0e-8f2f-4c9e-9f3a-1d8a2c1f0e9d",
};
const context = {
  requestId: "bench",
  traceId: undefined,
  clientIp: undefined,
  signal: new AbortController().signal,
  waitUntil: () => {},
};

/** jose with a key that was imported before, mantlet, and mantlet with its cache of tokens. */
export async function verifiersOf(algorithm: Algorithm): Promise<readonly Verifier[]> {
  const { signingKey, verifyingKey, keys } = await keysOf(algorithm);
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, kid: "k1", typ: "at+jwt" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(signingKey);
  const bare = { issuer, audience, algorithms: [algorithm], requiredClaims: ["exp", "sub"] };
  const options = { ...keys, issuer, audience };
  const mantlet = jwt(options);
  const caching = jwt({ ...options, cache: { maxEntries: 100, ttlSeconds: 60 } });
  return [
    { name: `jose (${algorithm})`, token, verify: (_, given) => jwtVerify(given, verifyingKey, bare) },
    { name: `mantlet (${algorithm})`, token, verify: (request) => mantlet.authenticate(request, context) },
    { name: `mantlet, cached (${algorithm})`, token, verify: (request) => caching.authenticate(request, context) },
  ];
}

async function keysOf(algorithm: Algorithm) {
  if (algorithm === "HS256") {
    const secret = "mF3kx9QpT7vR2wLs8YbN4hJc6ZgD1aUe";
    const bytes = new TextEncoder().encode(secret);
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const verifyingKey = await crypto.subtle.importKey("raw", bytes, hmac, false, ["verify"]);
    return { signingKey: bytes, verifyingKey, keys: { secret, algorithms: [algorithm] as const } };
  }
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: algorithm }] };
  return { signingKey: privateKey, verifyingKey: publicKey, keys: { jwks, algorithms: [algorithm] as const } };
}
