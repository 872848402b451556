import { importSPKI } from "jose/key/import";
import { hexOf } from "../../../lib/bytes.ts";
import { type KeyKind, kindFor } from "./algorithm.ts";

/** The object identifiers at the beginning of public keys (RFC 5480 §2.1.1, RFC 8017 §A.1, RFC 8410 §3), in hex. */
const identifiers: Readonly<Record<KeyKind, string>> = {
  RSA: "06092a864886f70d010101",
  "P-256": "06072a8648ce3d020106082a8648ce3d030107",
  "P-384": "06072a8648ce3d020106052b81040022",
  "P-521": "06072a8648ce3d020106052b81040023",
  Ed25519: "06032b6570",
};
/** Where they are: behind one or two lengths. */
const identifierEnd = 30;
/** What 2048 bits and the shortest exponent take. */
const minRsaBytes = 292;

/** Whether a text is meant to be PEM. */
export function isPem(text: string): boolean {
  return /^\s*-----BEGIN/.test(text);
}

/** What is wrong with a PEM text of a public key (RFC 7468 §13) for an algorithm, as far as its bytes show. */
export function mistakeInPem(text: string, algorithm: string): string | undefined {
  const label = /-----BEGIN ([^-]*)-----/.exec(text)?.[1];
  if (label?.includes("PRIVATE KEY"))
    return "is a private key: give the public one, and keep this one from your servers";
  if (label !== "PUBLIC KEY") return "must be a PEM text of a -----BEGIN PUBLIC KEY-----: convert it with openssl";
  const der = bytesOf(text);
  if (der === undefined) return "is not one complete PEM text";
  const kind = kindFor(algorithm);
  const start = hexOf(der.subarray(0, identifierEnd));
  if (kind === undefined || !start.includes(identifiers[kind])) return `is not a key for ${algorithm}`;
  if (kind === "RSA" && der.length < minRsaBytes) return "is an RSA key of fewer than 2048 bits";
  return undefined;
}

function bytesOf(text: string): Uint8Array | undefined {
  const base64 = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  try {
    return Uint8Array.from(atob(base64.replaceAll(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined; // a padding in the middle, say
  }
}

export function importPem(text: string, algorithm: string): Promise<CryptoKey> {
  return importSPKI(text.trim(), algorithm);
}
