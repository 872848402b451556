import { ConfigError } from "../../../config-error.ts";
import type { Issues } from "../../../lib/options.ts";
import type { KeySource } from "../key-source.ts";
import { pin, spellings } from "./algorithm.ts";
import { algorithmOf } from "./crypto-key.ts";
import { importPublic } from "./import.ts";
import { type Jwk, maxKeys, readJwk } from "./jwk.ts";
import { importPem, mistakeInPem } from "./pem.ts";
import { KeySet, type PinnedKey } from "./set.ts";
import { type Finder, loneKey, StaticKeys } from "./static-keys.ts";

/** What reading `jwks` needs beside its value. */
export interface Reading {
  readonly algorithms: readonly string[] | undefined;
  /** Of `jwks`, for messages. */
  readonly path: string;
  readonly issues: Issues;
}

export function fromPem(text: string, { algorithms, path, issues }: Reading): KeySource {
  const [algorithm, ...others] = algorithms ?? [];
  if (algorithm === undefined || others.length > 0) {
    issues.push({ path, message: "is a PEM text, which does not say its algorithm: name exactly one in algorithms" });
    return unusable();
  }
  const mistake = mistakeInPem(text, algorithm);
  if (mistake !== undefined) issues.push({ path, message: mistake });
  return given(path, async () => {
    const key = await importPem(text, algorithm);
    const read = algorithmOf(key); // its modulus and exponent show only now
    if ("mistake" in read) throw new TypeError(read.mistake);
    return loneKey(spellings(algorithm), key);
  });
}

export function fromCryptoKey(key: CryptoKey, { algorithms, path, issues }: Reading): KeySource {
  const read = algorithmOf(key);
  if ("mistake" in read) {
    issues.push({ path, message: read.mistake });
    return unusable();
  }
  const names = spellings(read.algorithm);
  if (algorithms?.some((algorithm) => names.includes(algorithm)) === false)
    issues.push({ path, message: `is a key for ${read.algorithm}, which is not in algorithms` });
  return new StaticKeys(async () => loneKey(names, key));
}

export function fromSet(value: unknown, { algorithms, path, issues }: Reading): KeySource {
  const { keys } = Object(value) as { readonly keys?: unknown }; // null has none
  if (!Array.isArray(keys)) {
    const message = "must be an https URL, a JWK Set such as { keys: [ … ] }, a public CryptoKey or a PEM text";
    issues.push({ path, message });
    return unusable();
  }
  if (keys.length === 0 || keys.length > maxKeys)
    issues.push({ path: `${path}.keys`, message: `has ${keys.length} keys: there must be 1 to ${maxKeys}` });
  const jwks: Jwk[] = [];
  for (const [index, jwk] of keys.entries()) {
    const read = readJwk(jwk);
    const mistake = typeof read === "string" ? read : mistakeInPin(read, algorithms);
    if (mistake !== undefined) issues.push({ path: `${path}.keys[${index}]`, message: mistake });
    else if (typeof read !== "string") jwks.push(read);
  }
  return given(path, async () => new KeySet(await Promise.all(jwks.map((jwk) => imported(jwk, algorithms)))));
}

async function imported(
  { kind, kid, alg, material }: Jwk,
  algorithms: readonly string[] | undefined,
): Promise<PinnedKey> {
  const algorithm = pin(kind, alg, algorithms);
  if (algorithm === undefined) throw new TypeError("no allowed algorithm uses the key"); // found at construction
  return { kid, algorithm, key: await importPublic(material, algorithm) };
}

function mistakeInPin({ kind, alg }: Jwk, algorithms: readonly string[] | undefined): string | undefined {
  if (pin(kind, alg, algorithms) !== undefined) return undefined;
  return `is a key for ${alg ?? kind}, which no entry of algorithms fits`;
}

/** Keys whose form is checked: what only their import shows is as much a mistake of the configuration. */
function given(path: string, load: () => Promise<Finder>): KeySource {
  return new StaticKeys(async () => {
    try {
      return await load();
    } catch (error) {
      throw new ConfigError([{ path, message: `has a key that cannot be imported: ${Object(error).message}` }]);
    }
  });
}

/** What stands for keys with mistakes: nobody comes to use it. */
export function unusable(): KeySource {
  return new StaticKeys(async () => new KeySet([]));
}
