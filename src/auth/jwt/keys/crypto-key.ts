import { mistakeInRsa } from "./jwk.ts";

/** Whether a value is a `CryptoKey`, of any realm. On Workers of before October 2024 its class has no name. */
export function isCryptoKey(value: unknown): value is CryptoKey {
  return Object.prototype.toString.call(value) === "[object CryptoKey]" || value instanceof CryptoKey;
}

/** The one algorithm that a `CryptoKey` was made for; a mistake where it is not for verifying tokens. */
export function algorithmOf(key: CryptoKey): { readonly algorithm: string } | { readonly mistake: string } {
  if (key.type === "private") return { mistake: "is a private key: give the public one" };
  if (key.type !== "public") return { mistake: "is a secret key: give the secret as `secret`" };
  if (!key.usages.includes("verify")) return { mistake: 'is not for verifying: import it with the usage "verify"' };
  const { name, hash, namedCurve, modulusLength, publicExponent } = key.algorithm as Partial<
    RsaHashedKeyAlgorithm & EcKeyAlgorithm
  >; // which members there are depends on the name
  const size = hash?.name.replace("SHA-", "") ?? "";
  if ((name === "RSASSA-PKCS1-v1_5" || name === "RSA-PSS") && /^(?:256|384|512)$/.test(size)) {
    const mistake = mistakeInRsa(modulusLength ?? 0, publicExponent ?? new Uint8Array());
    return mistake === undefined ? { algorithm: (name === "RSA-PSS" ? "PS" : "RS") + size } : { mistake };
  }
  const ofCurve: Readonly<Record<string, string>> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" };
  const algorithm = name === "Ed25519" ? "EdDSA" : name === "ECDSA" ? ofCurve[namedCurve ?? ""] : undefined;
  return algorithm === undefined
    ? { mistake: `is a key for ${name}, which no accepted algorithm uses` }
    : { algorithm };
}
