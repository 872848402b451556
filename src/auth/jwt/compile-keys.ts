import { type Issues, type Options, show } from "../../lib/options.ts";
import { compileKeySource, isBehindUrl } from "./key-set.ts";
import type { KeySource } from "./key-source.ts";
import { compileSecret } from "./secret.ts";
import { textsIn } from "./texts.ts";

/** With what signatures are verified. */
export interface KeysPlan {
  readonly algorithms: ReadonlySet<string>;
  /** The keys of each issuer. */
  readonly issuers: ReadonlyMap<string, KeySource>;
}

const hmac: readonly string[] = ["HS256", "HS384", "HS512"];
const asymmetric: readonly string[] = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Reads `secret` or `jwks`, and `algorithms`. */
export function compileKeys(options: Options, issuers: readonly string[], issues: Issues): KeysPlan {
  const secret = options.get("secret");
  if (!options.has("secret")) return fromKeySets(options, issuers, issues);
  for (const key of ["jwks", "keySetCache", "staleIfErrorSeconds"]) {
    options.get(key);
    if (options.has(key)) options.refuse(key, "cannot stand beside `secret`: remove one of them");
  }
  if (!options.has("algorithms")) options.refuse("algorithms", `is missing: write one of ${hmac.join(", ")}`);
  const given = options.get("algorithms");
  const algorithms = given === undefined ? [] : readAlgorithms(given, hmac, "for `jwks`, not for a secret", options);
  const source = compileSecret(secret, algorithms, issues);
  return { algorithms: new Set(algorithms), issuers: new Map(issuers.map((issuer) => [issuer, source])) };
}

function fromKeySets(options: Options, issuers: readonly string[], issues: Issues): KeysPlan {
  const jwks = options.get("jwks");
  const given = options.get("algorithms");
  const caching = { staleIfErrorSeconds: options.get("staleIfErrorSeconds"), keySetCache: options.get("keySetCache") };
  const algorithms =
    given === undefined ? undefined : readAlgorithms(given, asymmetric, "for `secret`, not for public keys", options);
  const compile = (keys: unknown, found: Issues, isCached = true): KeySource =>
    compileKeySource(keys, algorithms, options.path("jwks"), found, isCached ? caching : {});
  const plan = (sources: Iterable<readonly [issuer: string, keys: KeySource]>): KeysPlan => ({
    algorithms: new Set(algorithms ?? asymmetric),
    issuers: new Map(sources),
  });
  if (jwks === undefined) {
    if (!options.has("jwks")) options.refuse("jwks", "is missing: give the issuer's key set, or a `secret`");
    return plan([]);
  }
  if (typeof jwks === "function") {
    const sets = issuers.map((issuer): [string, unknown] => [issuer, jwks(issuer)]);
    const areFetched = sets.some(([, keys]) => isBehindUrl(keys)); // how to cache is said for these, if there are any
    return plan(
      sets.map(([issuer, keys]) => {
        const compileIt = (found: Issues): KeySource => compile(keys, found, !areFetched || isBehindUrl(keys));
        return [issuer, keysOfIssuer(issuer, compileIt, issues)];
      }),
    );
  }
  const source = compile(jwks, issues);
  return plan(issuers.map((issuer) => [issuer, source]));
}

/** The keys of one of several issuers. A mistake that all of them share is noted once. */
function keysOfIssuer(issuer: string, compile: (found: Issues) => KeySource, issues: Issues): KeySource {
  const found: Issues = [];
  const source = compile(found);
  for (const { path, message } of found) {
    const ofIssuer = path.startsWith("jwt.jwks") ? `for ${show(issuer)}: ${message}` : message;
    if (!issues.some((known) => known.path === path && known.message === ofIssuer))
      issues.push({ path, message: ofIssuer });
  }
  return source;
}

function readAlgorithms(
  given: unknown,
  known: readonly string[],
  whatOthersAre: string,
  options: Options,
): readonly string[] {
  const algorithms = textsIn(given, options, "algorithms");
  for (const algorithm of algorithms.filter((name) => !known.includes(name))) {
    const isOther = hmac.includes(algorithm) || asymmetric.includes(algorithm);
    const names = `write one of ${known.join(", ")}`;
    options.refuse("algorithms", `${show(algorithm)} ${isOther ? `is ${whatOthersAre}` : "is unknown"}: ${names}`);
  }
  return algorithms;
}
