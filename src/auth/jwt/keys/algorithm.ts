/** What keys can be: RSA, or on one curve. */
export type KeyKind = "RSA" | "P-256" | "P-384" | "P-521" | "Ed25519";

/** The kind of key that an algorithm needs (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
const kinds: ReadonlyMap<string, KeyKind> = /* @__PURE__ */ new Map([
  ["RS256", "RSA"],
  ["RS384", "RSA"],
  ["RS512", "RSA"],
  ["PS256", "RSA"],
  ["PS384", "RSA"],
  ["PS512", "RSA"],
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
  ["EdDSA", "Ed25519"],
  ["Ed25519", "Ed25519"],
]);

/** The kind of key that an algorithm needs; `undefined` for what is no signature algorithm with public keys. */
export function kindFor(algorithm: string): KeyKind | undefined {
  return kinds.get(algorithm);
}

/**
 * The one algorithm that a key is used with (RFC 8725 §3.1): what the key says, else the first that is allowed for its
 * kind. Where all are, that is RS256 for RSA. `undefined` where none is allowed.
 */
export function pin(
  kind: KeyKind,
  own: string | undefined,
  allowed: readonly string[] = [...kinds.keys()],
): string | undefined {
  const fitting = allowed.filter((algorithm) => kinds.get(algorithm) === kind);
  if (own === undefined) return fitting[0];
  return fitting.some((algorithm) => spellings(algorithm).includes(own)) ? own : undefined;
}

/** The names of an algorithm in tokens: `EdDSA` and `Ed25519` are one, under its old and its new name. */
export function spellings(algorithm: string): readonly string[] {
  return kinds.get(algorithm) === "Ed25519" ? ["EdDSA", "Ed25519"] : [algorithm];
}
