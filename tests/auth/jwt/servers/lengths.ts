import { policy } from "../../../../src/index.ts";
import { type AsymmetricAlgorithm, jwt, type PublicKeys } from "../../../../src/jwt.ts";

/** What a key in one form makes of a good signature, and of those that are too short or too long. */
export interface Outcome {
  readonly good: number;
  readonly others: readonly number[];
}

const generating = {
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
} as const;

/** The algorithms whose signatures are tried, of which each has its own form. */
export const algorithms: readonly (keyof typeof generating)[] = ["RS256", "ES256", "EdDSA"];

const lengths = [1, 31, 63, 65, 128, 255, 257];
const text = new TextEncoder();
const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** Runs on Workers too: nothing here is Node's. */
export async function outcomeOf(alg: keyof typeof generating, form: string): Promise<Outcome> {
  const pair = await crypto.subtle.generateKey(generating[alg], true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError(`${alg} has no pair of keys`);
  const { kty, crv, n, e, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwks = form === "a set" ? { keys: [{ kty, crv, n, e, x, y, alg }] } : pair.publicKey;
  const claims = { iss: "https://id.example.com/", aud: "api", sub: "ann", exp: Math.floor(Date.now() / 1000) + 600 };
  const input = [{ alg }, claims].map((part) => base64url(text.encode(JSON.stringify(part)))).join(".");
  const good = new Uint8Array(await crypto.subtle.sign(generating[alg], pair.privateKey, text.encode(input)));
  const fetch = policy({ auth: authOf(jwks, alg), authFailures: "off", onEvent: () => undefined })(
    () => new Response(),
  );
  const statusOf = async (signature: Uint8Array): Promise<number> => {
    const authorization = `Bearer ${input}.${base64url(signature)}`;
    return (await fetch(new Request("https://api.example.com/", { headers: { authorization } }))).status;
  };
  const others = lengths.map((length) => {
    const bytes = new Uint8Array(length);
    bytes.set(good.subarray(0, length));
    return statusOf(bytes);
  });
  return { good: await statusOf(good), others: await Promise.all(others) };
}

function authOf(jwks: PublicKeys, algorithm: AsymmetricAlgorithm): ReturnType<typeof jwt> {
  return jwt({ jwks, algorithms: [algorithm], issuer: "https://id.example.com/", audience: "api" });
}
