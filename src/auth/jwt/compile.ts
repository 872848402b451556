import { ConfigError } from "../../config-error.ts";
import type { AnySchema } from "../../content/standard-schema.ts";
import { type Issues, Options, show } from "../../lib/options.ts";
import type { Challenge } from "../challenge.ts";
import { compileAudience } from "./audience.ts";
import type { ClaimRules } from "./claims.ts";
import { compileChallenge } from "./compile-challenge.ts";
import { compileKeys } from "./compile-keys.ts";
import { type Gate, mediaType } from "./gate.ts";
import type { TokenCacheOptions } from "./options.ts";
import { compileScopes } from "./scopes.ts";
import { oneOrMore, textsIn } from "./texts.ts";
import type { TimeRules } from "./times.ts";

/** What requests need of the options of `jwt()`. */
export interface JwtPlan {
  readonly challenge: Challenge;
  readonly gate: Gate;
  readonly rules: ClaimRules;
  readonly cache: TokenCacheOptions | undefined;
}

/** Reads the options of `jwt()`. Throws `ConfigError` with every mistake in them. */
export function compileJwt(value: unknown): JwtPlan {
  const issues: Issues = [];
  const options = new Options(value, "jwt", issues);
  if (issues.length > 0) throw new ConfigError(issues); // without options, each of them would seem to be missing
  const { algorithms, issuers } = compileKeys(options, oneOrMore(options, "issuer", "who may issue tokens"), issues);
  const isForUs = compileAudience(options, issues);
  const challenge = compileChallenge(options);
  const scopes = compileScopes(options);
  const schema = readSchema(options);
  const times = readTimes(options);
  const types = readTypes(options);
  const cache = readCache(options, issues);
  options.done();
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    challenge,
    gate: { latest: { segment: "", question: undefined }, algorithms, types, issuers, times },
    rules: { isForUs, times, schema, scopes },
    cache,
  };
}

function readTimes(options: Options): TimeRules {
  return {
    toleranceSeconds: options.integer("clockToleranceSeconds", 0, 300, "seconds") ?? 30,
    maxLifetimeSeconds: options.integer("maxLifetimeSeconds", 1, 31_536_000, "seconds"),
  };
}

function readTypes(options: Options): ReadonlySet<string | undefined> {
  const types = options.get("typ");
  return new Set(types === undefined ? ["jwt", "at+jwt", undefined] : textsIn(types, options, "typ").map(mediaType));
}

function readSchema(options: Options): AnySchema | undefined {
  const value = options.get("claims");
  if (value === undefined) return undefined;
  if (typeof Object(Object(value)["~standard"]).validate !== "function")
    options.refuse("claims", `${show(value)} is not a Standard Schema, such as z.object({ ... })`);
  return value as AnySchema; // just checked; a mistake throws before it is used
}

function readCache(options: Options, issues: Issues): TokenCacheOptions | undefined {
  const value = options.get("cache");
  if (value === undefined) return undefined;
  const cache = new Options(value, options.path("cache"), issues);
  const [maxEntries = 0, ttlSeconds = 0] = [
    cache.integer("maxEntries", 1, 100_000),
    cache.integer("ttlSeconds", 1, 60, "seconds"),
  ];
  for (const key of ["maxEntries", "ttlSeconds"]) if (!cache.has(key)) cache.refuse(key, "is missing");
  cache.done();
  return { maxEntries, ttlSeconds };
}
