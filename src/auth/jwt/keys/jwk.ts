import { type KeyKind, kindFor } from "./algorithm.ts";

/** A public key of a set, checked in form (RFC 7517 §4). Only what is needed of it was kept. */
export interface Jwk {
  readonly kind: KeyKind;
  readonly kid: string | undefined;
  /** The algorithm that the key says it is for. */
  readonly alg: string | undefined;
  readonly material: JsonWebKey;
}

/** Keys that a set may have. */
export const maxKeys = 50;

const minRsaBits = 2048;
/** RFC 7517 §9.3, RFC 7518 §6.3.2 and RFC 8037 §2: none of these is in a public key. */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/** Reads one key; a text that says what is wrong with it where it is not to be used. */
export function readJwk(value: unknown): Jwk | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is not a key (JWK)";
  const jwk = value as Readonly<Record<string, unknown>>; // an object, whose members are judged one by one
  if (jwk.kty === "oct") return "is a secret (oct): give it as `secret`";
  if (privateMembers.some((name) => jwk[name] !== undefined)) {
    return "is a private key: leave out its private members, and replace the key where others may have seen it";
  }
  if (jwk.use !== undefined && jwk.use !== "sig") return "is not for signatures (use)";
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes("verify")))
    return "is not for verifying (key_ops)";
  const { kid, alg } = jwk;
  if (kid !== undefined && typeof kid !== "string") return "has a kid that is not a string";
  if (alg !== undefined && typeof alg !== "string") return "has an alg that is not a string";
  const read = readMaterial(jwk);
  if (typeof read === "string") return read;
  if (alg !== undefined && kindFor(alg) !== read.kind) return "has an alg that its type or curve is not for";
  return { ...read, kid, alg };
}

/** The usable keys of a JWK Set (RFC 7517 §5); others are passed over. Throws where it is none, or has no usable key. */
export function readJwks(value: unknown): readonly Jwk[] {
  const { keys } = Object(value) as { readonly keys?: unknown }; // null, or a text, has no keys
  if (!Array.isArray(keys)) throw new Error("this is no key set (JWK Set)");
  if (keys.length > maxKeys) throw new Error(`the set has more than ${maxKeys} keys`);
  const usable = keys.map(readJwk).filter((key) => typeof key !== "string");
  if (usable.length === 0) throw new Error("the set has no usable key");
  return usable;
}

type Read = Pick<Jwk, "kind" | "material">;

function readMaterial(jwk: Readonly<Record<string, unknown>>): Read | string {
  if (jwk.kty === "RSA") return readRsa(jwk.n, jwk.e);
  if (jwk.kty === "EC") {
    if (jwk.crv === "P-256") return readPoint("P-256", 32, jwk.x, jwk.y);
    if (jwk.crv === "P-384") return readPoint("P-384", 48, jwk.x, jwk.y);
    if (jwk.crv === "P-521") return readPoint("P-521", 66, jwk.x, jwk.y);
    return "is on a curve that no accepted algorithm uses";
  }
  if (jwk.kty === "OKP") {
    if (jwk.crv !== "Ed25519") return "is on a curve that no accepted algorithm uses";
    const { x } = jwk;
    if (typeof x !== "string" || bytesOf(x)?.length !== 32) return "has no complete public key";
    return { kind: "Ed25519", material: { kty: "OKP", crv: "Ed25519", x } };
  }
  return "has a type (kty) that no accepted algorithm uses";
}

function readRsa(n: unknown, e: unknown): Read | string {
  const modulus = bytesOf(n);
  const exponent = bytesOf(e);
  if (modulus === undefined || exponent === undefined) return "has no complete public key";
  const mistake = mistakeInRsa(bitsOf(modulus), exponent);
  // Both are strings: else they had no bytes.
  return mistake ?? { kind: "RSA", material: { kty: "RSA", n: n as string, e: e as string } };
}

/** What is wrong with an RSA key: 2048 bits are what RFC 7518 §3.3 demands, and an exponent of 1 signs nothing. */
export function mistakeInRsa(modulusBits: number, exponent: Uint8Array): string | undefined {
  if (modulusBits < minRsaBits) return `is an RSA key of ${modulusBits} bits: ${minRsaBits} are needed`;
  const bits = bitsOf(exponent);
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1;
  return isOdd && bits >= 2 && bits <= 32 ? undefined : "is an RSA key with an exponent that is not safe";
}

function readPoint(kind: "P-256" | "P-384" | "P-521", size: number, x: unknown, y: unknown): Read | string {
  if (typeof x !== "string" || typeof y !== "string" || bytesOf(x)?.length !== size || bytesOf(y)?.length !== size)
    return "has no complete public key";
  return { kind, material: { kty: "EC", crv: kind, x, y } };
}

/** The bits of a number, written big-endian. */
function bitsOf(bytes: Uint8Array): number {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start === -1 ? 0 : (bytes.length - start) * 8 - Math.clz32(bytes[start] ?? 0) + 24;
}

/** What base64url says; `undefined` for anything else. */
function bytesOf(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || !/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
