import { andThen, type MaybePromise } from "../../lib/maybe-promise.ts";
import { type Issues, Options, show } from "../../lib/options.ts";
import type { Identity } from "../../types.ts";
import { isScope } from "../challenge.ts";
import { frozenScopes } from "../frozen-scopes.ts";
import { hashLength } from "./hash.ts";

/** Somebody who was verified by an API key. */
export interface ApiKeyIdentity<Meta = undefined, Scope extends string = string> extends Identity<"api-key", Scope> {
  /** What the key's record says further. */
  readonly meta: Meta;
}

/** What is kept of a key, besides its hash. */
export interface ApiKeyRecord<Meta = undefined> {
  /** Who it is: `auth.subject`. The `id` of `generateApiKey()`, or the same for all keys of one owner. */
  readonly id: string;
  /** What the key may do; an empty list for nothing that needs a scope. */
  readonly scopes: readonly string[];
  /** From when on it is refused. A number would leave open whether it counts seconds, so it is none. Default: never. */
  readonly expiresAt?: Date | null;
  /**
   * What handlers should know of it: `auth.meta`. What a function gives is handed on as it is; of a list, plain objects
   * and lists are copied and frozen. Records that have none where others have one need `meta: undefined`, so that its
   * type says so. Default: `undefined`.
   */
  readonly meta?: Meta;
}

/** A key of a static list. */
export interface ApiKeyEntry<Meta = undefined> extends ApiKeyRecord<Meta> {
  /** As `generateApiKey()` and `hashApiKey()` give it. */
  readonly hash: string;
}

/** Where records are found by the hash of a key: `null` or `undefined` for an unknown or revoked one. */
export type ApiKeyLookup<Meta = undefined> =
  | ((hash: string) => MaybePromise<ApiKeyRecord<Meta> | null | undefined>)
  | readonly ApiKeyEntry<Meta>[];

/** A key whose hash is known. */
export interface KnownKey {
  readonly identity: ApiKeyIdentity<unknown>;
  readonly expiresAtMs: number;
}

/** Finds what is known of a key by its hash. Throws or rejects where that is not possible. */
export type FindKey = (hash: string) => MaybePromise<KnownKey | undefined>;

/** Reads `lookup`. */
export function compileLookup(options: Options, issues: Issues, scopes: readonly string[] | undefined): FindKey {
  const lookup = options.get("lookup");
  if (Array.isArray(lookup)) return findInList(readList(lookup, options.path("lookup"), issues, scopes));
  if (typeof lookup === "function") return findBy(lookup as Exclude<ApiKeyLookup<unknown>, readonly unknown[]>, scopes); // by its type
  options.refuse("lookup", "must be a function that finds a key by its hash, or a list of keys with their hashes");
  return () => undefined;
}

function findBy(
  lookup: Exclude<ApiKeyLookup<unknown>, readonly unknown[]>,
  scopes: readonly string[] | undefined,
): FindKey {
  const read = (record: unknown): KnownKey | undefined => {
    if (record === null || record === undefined) return undefined;
    const mistakes = [...mistakesIn(record), ...unreadLimitsIn(record)];
    if (mistakes.length === 0) return knownKey(record as ApiKeyRecord<unknown>, scopes); // as was just found
    const list = mistakes.map(([key, message]) => `${key} ${message}`).join(", ");
    throw new TypeError(`lookup of apiKey() gave a record that cannot be used: ${list}`);
  };
  return (hash) => andThen<unknown, KnownKey | undefined>(lookup(hash), read);
}

/** @param declared - The scopes that exist; a key's others are left out, so that their type is true. */
function knownKey(
  { id, scopes, expiresAt, meta }: ApiKeyRecord<unknown>,
  declared: readonly string[] | undefined,
): KnownKey {
  const held = declared === undefined ? scopes : scopes.filter((scope) => declared.includes(scope));
  const identity = { method: "api-key", subject: id, scopes: frozenScopes(held), meta };
  return {
    identity: Object.freeze(Object.assign(Object.create(null), identity)),
    expiresAtMs: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}

/** Members of a row that end a key, or keep one alive, and that nobody reads: to pass over one would let a dead key live. */
const ending = /expir|valid_?until|revok|disabl|delet/i;
const keeping = /^(?:is_?)?(?:active|enabled|valid)$/i;

function unreadLimitsIn(record: unknown): readonly (readonly [key: string, message: string])[] {
  return Object.entries(Object(record))
    .filter(([key, value]) => key !== "expiresAt" && (value ? ending : keeping).test(key))
    .map(([key]) => [key, "is not read: give expiresAt as a Date, and null for a revoked key"] as const);
}

/** What is wrong with a record, by its members. Messages show no values: they may be anything. */
function mistakesIn(record: unknown): readonly (readonly [key: string, message: string])[] {
  const { id, scopes, expiresAt } = Object(record);
  const mistakes: [string, string][] = [];
  if (typeof id !== "string" || id === "") mistakes.push(["id", "must be a text that is not empty"]);
  if (!Array.isArray(scopes) || !scopes.every(isScope)) {
    mistakes.push(["scopes", "must be a list of scopes, without spaces and quotes"]);
  }
  if (expiresAt !== undefined && expiresAt !== null && !isValidDate(expiresAt)) {
    mistakes.push(["expiresAt", "must be a valid Date, or left out for a key that never expires"]);
  }
  return mistakes;
}

/** A Date of any realm. */
function isValidDate(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Date]" && !Number.isNaN(Number(value));
}

function readList(
  list: readonly unknown[],
  path: string,
  issues: Issues,
  scopes: readonly string[] | undefined,
): readonly ApiKeyEntry<unknown>[] {
  const hashes = new Set<unknown>();
  return list.flatMap((entry, index) => {
    const before = issues.length;
    const options = new Options(entry, `${path}[${index}]`, issues);
    for (const key of ["id", "scopes", "expiresAt", "meta"]) options.get(key);
    const hash = options.get("hash");
    if (typeof hash !== "string" || !/^[\da-f]{64}$/.test(hash)) {
      options.refuse("hash", `must be ${hashLength} lower-case hexadecimal digits, as generateApiKey() gives them`);
    } else if (hashes.has(hash)) {
      options.refuse("hash", "is there twice: a key has one entry");
    }
    hashes.add(hash);
    for (const [key, message] of mistakesIn(entry)) options.refuse(key, message);
    for (const scope of scopes === undefined ? [] : (options.strings("scopes") ?? [])) {
      if (!scopes?.includes(scope))
        options.refuse("scopes", `${show(scope)} is not one of the scopes that are declared`);
    }
    options.done();
    if (issues.length > before) return [];
    const valid = entry as ApiKeyEntry<unknown>; // as was just found
    const expiresAt = valid.expiresAt ? new Date(valid.expiresAt) : null; // dates and lists are the user's
    return [{ ...valid, scopes: [...valid.scopes], expiresAt, meta: frozenCopy(valid.meta) }];
  });
}

/** Plain objects and lists as copies that nobody can change: all requests of a listed key share them. */
function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, member]) => [key, frozenCopy(member)])));
}

/** Looks at every bit of every entry, so that the time tells neither which one fits nor how far another one does. */
function findInList(list: readonly ApiKeyEntry<unknown>[]): FindKey {
  const listed = list.map(({ hash }) => wordsOf(hash));
  return (hash) => {
    const asked = wordsOf(hash);
    let found = 0;
    for (const [index, words] of listed.entries()) {
      let difference = 0;
      for (let word = 0; word < asked.length; word++) difference |= (words[word] ?? 0) ^ (asked[word] ?? 0);
      found |= ~((difference | -difference) >> 31) & (index + 1); // all ones where nothing differs
    }
    const entry = list[found - 1];
    return entry && knownKey(entry, undefined); // a new one for each request: no set can be frozen against all
  };
}

/** A hash in words of 32 bits. */
function wordsOf(hash: string): Int32Array {
  const words = new Int32Array(hashLength / 8);
  for (let word = 0; word < words.length; word++) words[word] = Number.parseInt(hash.slice(word * 8, word * 8 + 8), 16);
  return words;
}
