import { type Issues, Options, show } from "../../lib/options.ts";
import type { KeySource } from "./key-source.ts";
import { isCryptoKey } from "./keys/crypto-key.ts";
import { fromCryptoKey, fromPem, fromSet, type Reading, unusable } from "./keys/given-keys.ts";
import { mistakeInLocation } from "./keys/location.ts";
import { isPem } from "./keys/pem.ts";
import { providerAt } from "./keys/provider.ts";
import { RemoteKeys } from "./keys/remote-keys.ts";
import type { KeySetCache } from "./keys/shared-cache.ts";

/** Options of a key set behind a URL, as `jwt()` got them. */
export interface KeySourceOptions {
  readonly staleIfErrorSeconds?: unknown;
  readonly keySetCache?: unknown;
}

const defaultStaleSeconds = 3600;
const maxStaleSeconds = 86_400;

/**
 * Makes the source of keys that `jwks` is: a URL, a JWK Set (RFC 7517 §5), a public `CryptoKey` or PEM text. Does no I/O.
 *
 * @param algorithms - Those that are allowed; `undefined` for all.
 * @param path - Of `jwks`, for messages: `jwt.jwks`.
 */
export function compileKeySource(
  jwks: unknown,
  algorithms: readonly string[] | undefined,
  path: string,
  issues: Issues,
  options: KeySourceOptions = {},
): KeySource {
  const reading: Reading = { algorithms, path, issues };
  const isUrl = isBehindUrl(jwks);
  const { staleMs, cache } = readCaching(options, isUrl, reading);
  if (isUrl) return remote(String(jwks), staleMs, cache, reading);
  if (typeof jwks === "string") return fromPem(jwks, reading);
  return isCryptoKey(jwks) ? fromCryptoKey(jwks, reading) : fromSet(jwks, reading);
}

/** Whether keys are to be fetched. */
export function isBehindUrl(jwks: unknown): boolean {
  return jwks instanceof URL || (typeof jwks === "string" && !isPem(jwks));
}

interface Caching {
  readonly staleMs: number;
  readonly cache: KeySetCache | undefined;
}

/** Reads the options that only keys behind a URL have. */
function readCaching(values: KeySourceOptions, isRemote: boolean, { path, issues }: Reading): Caching {
  const options = new Options(values, path.slice(0, path.lastIndexOf(".")), issues);
  for (const key of ["staleIfErrorSeconds", "keySetCache"] as const) {
    if (!isRemote && options.get(key) !== undefined)
      options.refuse(key, "is for keys behind a URL: leave it out where the keys are given");
  }
  const staleSeconds = options.integer("staleIfErrorSeconds", 0, maxStaleSeconds, "seconds") ?? defaultStaleSeconds;
  const cache = options.get("keySetCache");
  if (cache === undefined || isCache(cache)) return { staleMs: staleSeconds * 1000, cache };
  options.refuse("keySetCache", `${show(cache)} must be an object with the functions get and set`);
  return { staleMs: 0, cache: undefined };
}

function isCache(value: unknown): value is KeySetCache {
  const { get, set } = Object(value) as Readonly<Record<string, unknown>>; // null has neither
  return typeof get === "function" && typeof set === "function";
}

function remote(
  url: string,
  staleMs: number,
  cache: KeySetCache | undefined,
  { algorithms, path, issues }: Reading,
): KeySource {
  const mistake = mistakeInLocation(url);
  if (mistake === undefined) return new RemoteKeys(providerAt(url, cache, staleMs), algorithms, staleMs);
  issues.push({ path, message: mistake });
  return unusable();
}
