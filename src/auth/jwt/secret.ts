import { ConfigError } from "../../config-error.ts";
import { type Bytes, hexOf } from "../../lib/bytes.ts";
import { type Digest, type HashName, hmac } from "../../lib/digest.ts";
import { andThen, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { Issues } from "../../lib/options.ts";
import { isRepetition, repeatsItself } from "../../lib/repetition.ts";
import type { KeySource } from "./key-source.ts";

const path = "jwt.secret";
const hashes: Readonly<Record<string, { readonly name: HashName; readonly bytes: number }>> = {
  HS256: { name: "SHA-256", bytes: 32 },
  HS384: { name: "SHA-384", bytes: 48 },
  HS512: { name: "SHA-512", bytes: 64 },
};

/** The source of one key, which is a secret. No message ever holds it. */
export function compileSecret(secret: unknown, algorithms: readonly string[], issues: Issues): KeySource {
  const minBytes = Math.max(32, ...algorithms.map((alg) => hashes[alg]?.bytes ?? 0));
  if (typeof secret === "function")
    return sourceOf(secret as () => MaybePromise<unknown>, new SecretKeys(minBytes), algorithms); // what it gives is judged then
  const given = bytesOf(secret);
  const bytes = given && new Uint8Array(given); // slice() of a Buffer is no copy, and its owner may wipe it
  const mistake = secret === undefined ? undefined : mistakeIn(bytes, minBytes);
  if (mistake !== undefined) issues.push({ path, message: mistake });
  return sourceOf(() => bytes, new SecretKeys(minBytes, bytes), algorithms);
}

function sourceOf(get: () => MaybePromise<unknown>, keys: SecretKeys, algorithms: readonly string[]): KeySource {
  const find = (alg: string): MaybePromise<readonly Digest[]> => andThen(get(), (secret) => keys.of(secret, alg));
  return {
    find: ({ alg }) => find(alg),
    findNewer: () => undefined, // the secret was asked for just now
    version: () => keys.version,
    warmup: async () => {
      for (const alg of algorithms) await find(alg);
    },
    purge: () => undefined,
  };
}

/** The codes of a secret, made once for each algorithm as long as it stays the same. */
class SecretKeys {
  version = 0;
  readonly #minBytes: number;
  readonly #keys = new Map<string, Digest>();
  #bytes: Bytes | undefined;

  constructor(minBytes: number, bytes?: Bytes) {
    this.#minBytes = minBytes;
    this.#bytes = bytes;
  }

  of(secret: unknown, alg: string): MaybePromise<readonly Digest[]> {
    const bytes = this.#take(secret);
    const known = this.#keys.get(alg);
    if (known !== undefined) return [known];
    const hash = hashes[alg]?.name;
    if (hash === undefined) throw new TypeError(`${alg} is no algorithm of secrets`);
    const keep = (made: Digest): readonly Digest[] => {
      if (this.#bytes === bytes) this.#keys.set(alg, made); // not where another secret was given meanwhile
      return [made];
    };
    return andThen(hmac(bytes, hash), keep);
  }

  #take(secret: unknown): Bytes {
    const given = bytesOf(secret);
    if (given !== undefined && this.#bytes !== undefined && areSame(given, this.#bytes)) return this.#bytes;
    const mistake = mistakeIn(given, this.#minBytes);
    if (given === undefined || mistake !== undefined)
      throw new ConfigError([{ path, message: `the function's value ${mistake}` }]);
    this.#bytes = new Uint8Array(given);
    this.#keys.clear();
    this.version++;
    return this.#bytes;
  }
}

function bytesOf(secret: unknown): Uint8Array | undefined {
  return typeof secret === "string"
    ? new TextEncoder().encode(secret)
    : secret instanceof Uint8Array
      ? secret
      : undefined;
}

/** The texts are ours: no need for constant time. */
function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}

function mistakeIn(bytes: Uint8Array | undefined, minBytes: number): string | undefined {
  if (bytes === undefined) return "must be text, bytes, or a function that gives them";
  if (isPublicKey(bytes)) return "is a key in PEM or JWK form, not a secret: give a public key as `jwks`";
  if (bytes.length < minBytes)
    return `has ${bytes.length} bytes: the hash of its algorithms needs at least ${minBytes} (RFC 7518 §3.2)`;
  return isRepetition(bytes) ? `${repeatsItself}: make one with "openssl rand -base64 48"` : undefined;
}

/**
 * Whether a secret is a key that others may know: in PEM, JWK, OpenSSH or DER form, also in quotes or base64. With such a
 * one everybody could sign (RFC 8725 §2.1).
 */
function isPublicKey(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  return isKeyText(text) || isDer(bytes) || isKeyInBase64(text);
}

function isKeyText(text: string): boolean {
  return /-----BEGIN |\\?"kty\\?"\s*:|^\s*["']?(?:ssh-|ecdsa-)/.test(text);
}

function isKeyInBase64(text: string): boolean {
  const base64 = text.replace(/^["'\s]+|["'\s]+$/g, "").replaceAll(/\s|\\n/g, "");
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(base64)) return false;
  try {
    const binary = atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
    return isKeyText(binary) || isDer(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  } catch {
    return false;
  }
}

/** The object identifiers of RSA, elliptic curve and Ed25519 keys (RFC 8017 §A.1, RFC 5480 §2.1.1, RFC 8410 §3), in hex. */
const identifiers = /06092a864886f70d0101|06072a8648ce3d0201|06032b6570/;

/** A sequence that begins with the identifier of a kind of keys. */
function isDer(bytes: Uint8Array): boolean {
  const start = hexOf(bytes.subarray(0, 30));
  return start.startsWith("30") && identifiers.test(start);
}
