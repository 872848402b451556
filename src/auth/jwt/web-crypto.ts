/** An algorithm of JWS as Web Cryptography knows it. */
export interface SignatureParameters {
  readonly name: string;
  readonly hash?: string;
  readonly saltLength?: number;
  readonly namedCurve?: string;
}

/** How signatures of public keys are verified (RFC 7518 §3, RFC 8037 §3.1). */
const parameters: ReadonlyMap<string, SignatureParameters> = /* @__PURE__ */ new Map([
  ...["256", "384", "512"].flatMap((bits): [string, SignatureParameters][] => {
    const hash = `SHA-${bits}`;
    return [
      [`RS${bits}`, { name: "RSASSA-PKCS1-v1_5", hash }],
      [`PS${bits}`, { name: "RSA-PSS", hash, saltLength: Number(bits) / 8 }],
      [`ES${bits}`, { name: "ECDSA", hash, namedCurve: bits === "512" ? "P-521" : `P-${bits}` }],
    ];
  }),
  ["EdDSA", { name: "Ed25519" }],
  ["Ed25519", { name: "Ed25519" }],
]);

/** The parameters of an algorithm that was allowed at construction. */
export function parametersOf(alg: string): SignatureParameters {
  const found = parameters.get(alg);
  if (found === undefined) throw new TypeError(`${alg} is no signature algorithm`);
  return found;
}

/**
 * Whether a key was made for an algorithm. Verifying goes by the hash of the key and not by that of the parameters
 * (Web Cryptography §20.4.2, §31.4.2), so a key of another hash would verify tokens of another algorithm.
 */
export function isFor({ name, hash, namedCurve }: SignatureParameters, { algorithm, usages }: CryptoKey): boolean {
  const own = algorithm as Partial<RsaHashedKeyAlgorithm & EcKeyAlgorithm>; // which members there are depends on the name
  return (
    usages.includes("verify") &&
    own.name === name &&
    (own.hash === undefined || own.hash.name === hash) &&
    own.namedCurve === namedCurve
  );
}
