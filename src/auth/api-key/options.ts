import { ConfigError } from "../../config-error.ts";
import { type Issues, Options, show } from "../../lib/options.ts";
import { isToken } from "../../lib/tokens.ts";
import { isScope, quoted } from "../challenge.ts";
import { type ApiKeyPepper, compileHashes, type HashKey } from "./hash.ts";
import { mistakeInPrefix } from "./key-format.ts";
import { type ApiKeyLookup, compileLookup, type FindKey } from "./lookup.ts";

/** The settings of `apiKey()`. */
export interface ApiKeyOptions<Meta = undefined, Scope extends string = string> {
  /**
   * Everything before a key's id, for example `acme_live`: at most 32 lower-case letters and digits, with single
   * underscores between them. Give each environment its own, so that a test key never works in production.
   */
  readonly prefix: string;
  /**
   * Finds a key's record by its hash (see `hashApiKey()`): a function, also asynchronous, over a store with an index; or a
   * list for a few keys, which is compared in constant time. `null` or `undefined` for unknown and revoked keys: 401
   * `invalid_api_key`. What is thrown, or a record that cannot be used, is 503 `auth_unavailable`, never a 401.
   */
  readonly lookup: ApiKeyLookup<Meta>;
  /** The field that carries keys. `Authorization: Bearer` carries them too, always. Default: `X-API-Key`. */
  readonly header?: string;
  /** The scopes that exist. Types `scopes` of every handler; another one in a requirement is a config error. Default: any. */
  readonly scopes?: readonly Scope[];
  /** What challenges name as the protected space (RFC 9110 §11.5): printable ASCII. Default: `api`. */
  readonly realm?: string;
  /**
   * Makes hashes HMAC-SHA-256 (RFC 2104) under this secret of at least 16 bytes: who has the store alone can neither try
   * keys against it nor add one. Of two, new keys use the first, and `lookup` is asked for the hash under each until one
   * is known. A function that gives a shorter one is a 500 and a `handler_error` event. Default: SHA-256.
   */
  readonly pepper?: ApiKeyPepper;
}

/** The same as requests need it. */
export interface ApiKeyPlan {
  readonly prefix: string;
  readonly header: string;
  readonly scopes: readonly string[] | undefined;
  /** A quoted-string. */
  readonly realm: string;
  readonly find: FindKey;
  readonly hashes: readonly HashKey[];
}

/** @throws ConfigError with every mistake. */
export function readApiKeyOptions(value: unknown): ApiKeyPlan {
  const issues: Issues = [];
  const options = new Options(value, "apiKey", issues);
  const scopes = readScopes(options);
  const plan: ApiKeyPlan = {
    prefix: readPrefix(options),
    header: readHeader(options),
    scopes,
    realm: readRealm(options),
    find: compileLookup(options, issues, scopes),
    hashes: compileHashes(options.get("pepper"), options.path("pepper"), issues),
  };
  options.done();
  if (issues.length > 0) throw new ConfigError(issues);
  return plan;
}

function readPrefix(options: Options): string {
  const prefix = options.get("prefix");
  const mistake = mistakeInPrefix(prefix);
  if (mistake !== undefined) options.refuse("prefix", mistake);
  return String(prefix);
}

function readHeader(options: Options): string {
  const header = options.get("header");
  if (header === undefined) return "X-API-Key";
  if (typeof header !== "string" || !isToken(header)) {
    options.refuse("header", `${show(header)} is not the name of a field`);
  } else if (/^(?:(?:proxy-)?authorization|cookie)$/i.test(header)) {
    options.refuse("header", `${show(header)} has a form of its own: name another field, or leave this out`);
  }
  return String(header);
}

function readScopes(options: Options): readonly string[] | undefined {
  const scopes = options.strings("scopes");
  if (scopes?.length === 0) options.refuse("scopes", "is empty: name the scopes that exist, or leave it out");
  for (const scope of scopes ?? []) {
    if (!isScope(scope))
      options.refuse("scopes", `${show(scope)} is not a scope: they have no spaces, quotes and backslashes`);
  }
  return scopes === undefined ? undefined : [...new Set(scopes)];
}

function readRealm(options: Options): string {
  const realm = options.get("realm");
  const text = quoted(realm === undefined ? "api" : realm);
  if (text === undefined) options.refuse("realm", `${show(realm)} must be a text of printable ASCII characters`);
  return text ?? "";
}
