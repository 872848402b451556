import { ConfigError } from "../../config-error.ts";
import { type Bytes, hexOf } from "../../lib/bytes.ts";
import { type Digest, hmac, sha256 } from "../../lib/digest.ts";
import { andThen, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { Issues } from "../../lib/options.ts";

/** A secret, or a function that gives it. The function is called for each hash: keep what is slow to get. */
export type ApiKeySecret = string | Uint8Array | (() => MaybePromise<string | Uint8Array>);

/** One secret, or two while it is being replaced: the current one comes first. */
export type ApiKeyPepper = ApiKeySecret | readonly [current: ApiKeySecret, previous?: ApiKeySecret];

/** Hashes a key, in lower-case hexadecimal digits. */
export type HashKey = (key: string) => MaybePromise<string>;

/** How many hexadecimal digits a hash has. */
export const hashLength = 64;

const minPepperBytes = 16;

/**
 * The hash of a key, which is all that a server keeps of it: SHA-256, or HMAC-SHA-256 with a pepper, as 64 lower-case
 * hexadecimal digits. A fast hash is right here: nobody can guess 131 random bits.
 *
 * @param pepper - The `pepper` of the `apiKey()` that verifies the key; of two, the current one is used. Default: none.
 * @throws ConfigError when the pepper is `undefined`, no secret, or shorter than 16 bytes.
 */
export async function hashApiKey(key: string, ...pepper: [pepper: ApiKeyPepper] | []): Promise<string> {
  if (typeof key !== "string") throw new TypeError("hashApiKey(): the key must be a string");
  const issues: Issues = [];
  const path = "hashApiKey.pepper";
  const [hash] = compileHashes(pepper[0], path, issues);
  if (pepper.length > 0 && pepper[0] === undefined) issues.push({ path, message: "is undefined: leave it out" });
  if (issues.length > 0) throw new ConfigError(issues);
  return hash(key);
}

/** One function for each pepper, the current one first. */
export function compileHashes(pepper: unknown, path: string, issues: Issues): readonly [HashKey, ...HashKey[]] {
  if (pepper === undefined) return [unpeppered()];
  if (!Array.isArray(pepper)) return [hmacWith(pepper, path, issues)];
  const [current, ...previous] = pepper.map((secret, index) => hmacWith(secret, `${path}[${index}]`, issues));
  if (current !== undefined && previous.length < 2) return [current, ...previous];
  issues.push({ path, message: "must be one secret, or a list of two: the current one and the previous one" });
  return [unpeppered()];
}

const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();

function unpeppered(): HashKey {
  return hexWith(sha256());
}

function hexWith(digest: Digest): HashKey {
  return (key) => andThen(digest(encoder.encode(key)), hexOf);
}

function hmacWith(secret: unknown, path: string, issues: Issues): HashKey {
  const hashUnder = keepLast();
  if (typeof secret === "function") {
    return (key) =>
      andThen(
        andThen(secret(), (given) => hashUnder(bytesOf(given, path))),
        (hash) => hash(key),
      );
  }
  const bytes = readBytes(secret);
  if (typeof bytes === "string") {
    issues.push({ path, message: bytes });
    return unpeppered();
  }
  return (key) => andThen(hashUnder(bytes), (hash) => hash(key));
}

/** Takes up a secret once. It is kept when it is there, not while it is made: on Workers no request waits for another. */
function keepLast(): (bytes: Bytes) => MaybePromise<HashKey> {
  let last: { readonly bytes: Bytes; readonly hash: HashKey } | undefined;
  return (bytes) => {
    if (last !== undefined && isSame(last.bytes, bytes)) return last.hash;
    const keep = (digest: Digest): HashKey => {
      last = { bytes, hash: hexWith(digest) };
      return last.hash;
    };
    return andThen(hmac(bytes, "SHA-256"), keep);
  };
}

function isSame(a: Bytes, b: Bytes): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}

/** The bytes of a secret, or what is wrong with it: the text never shows it. */
function readBytes(secret: unknown): Bytes | string {
  if (typeof secret !== "string" && !(secret instanceof Uint8Array)) {
    return "must be a string or a Uint8Array, or a function that gives one";
  }
  const bytes = typeof secret === "string" ? encoder.encode(secret) : new Uint8Array(secret);
  if (bytes.length >= minPepperBytes) return bytes;
  return `must be at least ${minPepperBytes} bytes long: make one with "openssl rand -base64 32"`;
}

function bytesOf(secret: unknown, path: string): Bytes {
  const bytes = readBytes(secret);
  if (typeof bytes === "string") throw new ConfigError([{ path, message: bytes }]);
  return bytes;
}
