import { importJWK } from "jose/key/import";
import { pin } from "./algorithm.ts";
import type { Jwk } from "./jwk.ts";
import { KeySet, type PinnedKey } from "./set.ts";

/** A set, and what tells whether the next one says the same. */
export interface ImportedSet {
  readonly set: KeySet;
  readonly keys: ReadonlyMap<string, CryptoKey>;
}

/**
 * Imports the keys that an allowed algorithm uses, and passes over those that cannot be imported. Keys that were imported
 * before are used again; where none has changed the set is the one before. Rejects where no key is left.
 */
export async function importSet(
  jwks: readonly Jwk[],
  algorithms: readonly string[] | undefined,
  before?: ImportedSet,
): Promise<ImportedSet> {
  const keys = new Map<string, CryptoKey>();
  const pinned: PinnedKey[] = [];
  for (const { kind, kid, alg, material } of jwks) {
    const algorithm = pin(kind, alg, algorithms);
    if (algorithm === undefined) continue;
    const id = JSON.stringify([kid, algorithm, material]);
    if (keys.has(id)) continue;
    const key = before?.keys.get(id) ?? (await importPublic(material, algorithm).catch(() => undefined));
    if (key === undefined) continue;
    keys.set(id, key);
    pinned.push({ kid, algorithm, key });
  }
  if (pinned.length === 0) throw new Error("the set has no key that an allowed algorithm uses");
  const isSame = before?.keys.size === keys.size && [...keys.keys()].every((id) => before.keys.has(id));
  return isSame ? before : { set: new KeySet(pinned), keys };
}

/** Imports a public key. Rejects for a point that is not on its curve, say. */
export async function importPublic(material: JsonWebKey, algorithm: string): Promise<CryptoKey> {
  const key = await importJWK({ ...material }, algorithm);
  if (key instanceof Uint8Array) throw new TypeError("a secret is no public key");
  return key;
}
