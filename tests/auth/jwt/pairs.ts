import { bytesOf, type Sign } from "./support.ts";

/** A pair of keys for one algorithm. */
export interface Pair {
  readonly alg: string;
  readonly publicKey: CryptoKey;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly sign: Sign;
}

type Parameters = Algorithm & Partial<RsaHashedKeyGenParams & EcKeyGenParams>;

const rsa = (name: string, hash: string, modulusLength: number): Parameters => ({
  name,
  hash,
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const ec = (namedCurve: string): Parameters => ({ name: "ECDSA", namedCurve });

const generating: Readonly<Record<string, (bits: number) => Parameters>> = {
  RS256: (bits) => rsa("RSASSA-PKCS1-v1_5", "SHA-256", bits),
  RS384: (bits) => rsa("RSASSA-PKCS1-v1_5", "SHA-384", bits),
  RS512: (bits) => rsa("RSASSA-PKCS1-v1_5", "SHA-512", bits),
  PS256: (bits) => rsa("RSA-PSS", "SHA-256", bits),
  PS384: (bits) => rsa("RSA-PSS", "SHA-384", bits),
  PS512: (bits) => rsa("RSA-PSS", "SHA-512", bits),
  ES256: () => ec("P-256"),
  ES384: () => ec("P-384"),
  ES512: () => ec("P-521"),
  EdDSA: () => ({ name: "Ed25519" }),
  Ed25519: () => ({ name: "Ed25519" }),
};

/** Makes a pair for an algorithm; the id of its key is that name. */
export async function pairFor(alg: string, kid: string = alg, rsaBits = 2048): Promise<Pair> {
  const parameters = generating[alg]?.(rsaBits) ?? { name: alg };
  const pair = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError(`${alg} has no pair of keys`);
  const { privateKey, publicKey } = pair;
  const { ext: _ext, key_ops: _ops, ...jwk } = await crypto.subtle.exportKey("jwk", publicKey);
  const bits = alg.slice(2);
  const signing = { name: parameters.name, hash: `SHA-${bits}`, saltLength: Number(bits) / 8 };
  return {
    alg,
    publicKey,
    jwk: { ...jwk, kid, alg, use: "sig" },
    sign: async (input) =>
      new Uint8Array(
        await crypto.subtle.sign(parameters.name === "Ed25519" ? "Ed25519" : signing, privateKey, bytesOf(input)),
      ),
  };
}

/** A public key as PEM text (RFC 7468 §13). */
export async function pemOf(key: CryptoKey): Promise<string> {
  const der = new Uint8Array(await crypto.subtle.exportKey("spki", key));
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}
