import { type Issues, Options, show } from "../lib/options.ts";
import type { Anonymous, AuthPart, Identity, ThisPolicyHasNoAuth } from "../types.ts";
import type { Limit } from "./store.ts";

/** What a function that chooses the bucket may look at: nothing that a client can make up. */
export type KeyFacts<Auth> = {
  readonly clientIp: string | undefined;
  readonly method: string;
  /** Without query. */
  readonly path: string;
} & AuthPart<Auth>;

/** A limit of requests per window. */
export interface RateLimitOptions<Auth = undefined> {
  /** Names the limit in the `RateLimit` fields: 1 to 64 of `A-Za-z0-9_.-/*`. Required in a list and in requirements.
   * Default: `"default"`, or the path in a route override. */
  readonly name?: string;
  /** Requests per window: 1 to 1,000,000. At most `burst + limit - 1` come through in any window. */
  readonly limit: number;
  /** The window in seconds: 1 to 31,622,400 (a year). */
  readonly windowSeconds: number;
  /** How many may come at once: 1 to `limit`. Default: `limit`. */
  readonly burst?: number;
  /**
   * Who is counted: `"ip"`, the peer's address (an IPv6 client is its /64); `"identity"`, the verified identity, or the
   * address of an anonymous one; or a function of verified facts, never of a field that a client may send. A policy
   * with `auth` decides `"identity"` and functions after authentication. Default: `"ip"`.
   */
  readonly by?:
    | "ip"
    | ([Auth] extends [undefined] ? ThisPolicyHasNoAuth : "identity")
    | ((facts: KeyFacts<Auth>) => string);
}

/** One limit, or a list of named ones that are decided together. */
export type RateLimits<Auth = undefined> = RateLimitOptions<Auth> | readonly RateLimitOptions<Auth>[];

/** What a key function gets at run time, where types have been checked. */
export interface Facts {
  readonly clientIp: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly auth?: Identity | Anonymous | undefined;
}

/** A limit as requests need it. */
export interface CompiledLimit extends Limit {
  readonly by: "ip" | "identity" | ((facts: Facts) => string);
}

/** Where a limit stands in the configuration. */
export interface LimitPlace {
  /** Allows `by: "identity"`. */
  readonly hasAuth: boolean;
  /** The name of a limit that is alone and has none; `undefined` where it must have one. */
  readonly defaultName: string | undefined;
}

/** The limits of one place in the configuration. */
export function compileRateLimits(
  value: unknown,
  path: string,
  issues: Issues,
  place: LimitPlace,
): readonly CompiledLimit[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [compileRateLimit(value, path, issues, place)];
  const inList = { ...place, defaultName: undefined };
  const limits = value.map((entry, index) => compileRateLimit(entry, `${path}[${index}]`, issues, inList));
  for (const [index, { name }] of limits.entries()) {
    if (name !== "" && limits.findIndex((limit) => limit.name === name) !== index) {
      issues.push({
        path: `${path}[${index}].name`,
        message: `${show(name)} is there twice: each limit of a list needs a name of its own`,
      });
    }
  }
  return limits;
}

const maxLimit = 1_000_000;
const maxWindowSeconds = 31_622_400;

function compileRateLimit(
  value: unknown,
  path: string,
  issues: Issues,
  { hasAuth, defaultName }: LimitPlace,
): CompiledLimit {
  const options = new Options(value, path, issues);
  const name = options.get("name") ?? defaultName;
  if (name === undefined) options.refuse("name", "is missing: a limit of a list or of requirements needs a name");
  else if (typeof name !== "string" || !/^[\w.*/-]{1,64}$/.test(name)) {
    options.refuse("name", `${show(name)} must be 1 to 64 of A-Z, a-z, 0-9, "_", ".", "-", "/" and "*"`);
  }
  const limit = required(options, "limit", maxLimit, "requests");
  const windowSeconds = required(options, "windowSeconds", maxWindowSeconds, "seconds");
  const burst = options.integer("burst", 1, limit, "requests") ?? limit;
  const by = options.get("by") ?? "ip";
  if (by === "identity" && !hasAuth)
    options.refuse("by", `"identity" needs a policy with auth: configure it, or count by "ip"`);
  if (by !== "ip" && by !== "identity" && typeof by !== "function")
    options.refuse("by", `${show(by)} must be "ip", "identity" or a function`);
  options.done();
  return {
    id: `${name}:gcra:${limit}/${windowSeconds}/${burst}`,
    name: String(name ?? ""),
    algorithm: "gcra",
    limit,
    windowMs: windowSeconds * 1000,
    burst,
    by: by as CompiledLimit["by"], // checked above; a mistake throws before it is used
  };
}

function required(options: Options, key: string, max: number, unit: string): number {
  if (!options.has(key)) options.refuse(key, `is missing: write a whole number of ${unit} from 1 to ${max}`);
  return options.integer(key, 1, max, unit) ?? 1;
}
