import { type Issues, Options, show } from "../lib/options.ts";
import type { Anonymous, AuthState, Identity, ThisPolicyHasNoAuth } from "../types.ts";
import { textsOf } from "./fields.ts";
import type { Limit, RateLimitAlgorithm, RateLimitStore, ShownLimit } from "./store.ts";

/** Whether every policy that the limit is for has an identity. */
type HasAuth<Auth> = [Extract<Auth, undefined>] extends [never] ? true : false;

/** What a function that chooses the bucket may look at: no field of the request, which a client can make up. */
export type KeyFacts<Auth> = {
  readonly clientIp: string | undefined;
  readonly method: string;
  /** As it came, without query. A client may write one path in several ways: who is counted by it has a bucket for each. */
  readonly path: string;
} & (HasAuth<Auth> extends true ? { readonly auth: Auth } : unknown);

/** A limit of requests per window. Without the type of an identity it fits any policy. */
export interface RateLimitOptions<Auth = AuthState> {
  /**
   * Names the limit in the `RateLimit` fields: 1 to 64 of `A-Za-z0-9_.-/*`. Required in a list and in requirements.
   * Default: `"default"`, or the path in a route override.
   */
  readonly name?: string;
  /** Requests per window: 1 to 1,000,000. */
  readonly limit: number;
  /** The window in seconds: 1 to 31,622,400 (a year). */
  readonly windowSeconds: number;
  /**
   * How requests are counted, and how many may come through in any window: `"gcra"`, a token bucket that refills evenly,
   * `burst + limit - 1`; `"sliding-window"`, two counters, `2 × limit - 1`; `"sliding-log"`, every request remembered,
   * `limit`, for logins; `"fixed-window"`, `2 × limit - 1` from the first request on. Default: `"gcra"`.
   */
  readonly algorithm?: RateLimitAlgorithm;
  /** Where windows of `"fixed-window"` begin: with a client's first request, or at multiples of the window (`2 × limit`). Default: `"first-request"`. */
  readonly align?: "first-request" | "clock";
  /** How many may come at once under `"gcra"`: 1 to `limit`. Default: `limit`. */
  readonly burst?: number;
  /**
   * Who is counted: `"ip"`, the client's address (an IPv6 client is its /64); `"identity"`, the verified identity, or the
   * address of an anonymous one; or a function of verified facts. A policy with `auth` decides `"identity"` and functions
   * after authentication. Default: `"ip"`.
   */
  readonly by?:
    | "ip"
    | (HasAuth<Auth> extends true ? "identity" : "identity" & ThisPolicyHasNoAuth)
    | ((facts: KeyFacts<Auth>) => string);
  /** Who is counted, by anything in the request: whoever may choose the value may have as many buckets as there are values. */
  readonly dangerouslyBy?: (request: Request) => string;
  /** How much a request takes: a whole number from 0 to the burst, or a function. More than the burst is 400 `cost_exceeds_limit`. Default: 1. */
  readonly cost?: number | ((facts: KeyFacts<undefined>) => number);
  /**
   * What holds while the store is down: `"local"`, a limit in this process; `"open"`, none; `"closed"`, 503. Default: `"local"`.
   */
  readonly onUnavailable?: "local" | "open" | "closed";
  /** The part of the limit that `"local"` grants, above 0 to 1: one over the number of processes. Default: 1. */
  readonly localShare?: number;
  /** `"report"` counts, emits `limited` events, refuses nothing and writes no fields. Default: `"enforce"`. */
  readonly mode?: "enforce" | "report";
}

/** One limit, or a list of named ones that are decided together. */
export type RateLimits<Auth = AuthState> = RateLimitOptions<Auth> | readonly RateLimitOptions<Auth>[];

/** What key and cost functions get at run time, where types have been checked. */
export interface Facts {
  readonly clientIp: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly auth?: Identity | Anonymous | undefined;
}

/** A limit as requests need it. */
export interface CompiledLimit extends ShownLimit {
  readonly by: "ip" | "identity" | ((facts: Facts) => string);
  readonly dangerouslyBy: ((request: Request) => string) | undefined;
  readonly cost: number | ((facts: Facts) => number);
  readonly onUnavailable: "local" | "open" | "closed";
  /** The same limit while the store is down and `onUnavailable` is `"local"`. */
  readonly local: ShownLimit;
  readonly reportOnly: boolean;
}

/** Where a limit stands in the configuration. */
export interface LimitPlace {
  /** Allows `by: "identity"`. */
  readonly hasAuth: boolean;
  /** The name of a limit that is alone and has none; `undefined` where it must have one. */
  readonly defaultName: string | undefined;
  /** Where the limit will be counted. */
  readonly store: RateLimitStore;
  /** The word that may stand in place of limits. */
  readonly instead?: string;
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
const maxLogLimit = 10_000;
const maxWindowSeconds = 31_622_400;
const algorithms: readonly RateLimitAlgorithm[] = ["gcra", "fixed-window", "sliding-window", "sliding-log"];

function compileRateLimit(value: unknown, path: string, issues: Issues, place: LimitPlace): CompiledLimit {
  const before = issues.length;
  const options = new Options(value, path, issues, place.instead);
  const name = readName(options, place.defaultName);
  const algorithm = readAlgorithm(options, place.store);
  const limit = required(options, "limit", algorithm === "sliding-log" ? maxLogLimit : maxLimit, "requests");
  const windowSeconds = required(options, "windowSeconds", maxWindowSeconds, "seconds");
  const burst = options.integer("burst", 1, limit, "requests") ?? limit;
  if (options.has("burst") && algorithm !== "gcra")
    options.refuse("burst", `belongs to "gcra": remove it, or the algorithm`);
  const isAligned = options.oneOf("align", ["first-request", "clock"]) === "clock";
  if (options.has("align") && algorithm !== "fixed-window")
    options.refuse("align", `belongs to "fixed-window": remove it`);
  const onUnavailable = options.oneOf("onUnavailable", ["local", "open", "closed"]) ?? "local";
  const share = readShare(options, onUnavailable);
  const compiled: Limit = {
    id: `${name}:${algorithm}${isAligned ? "-aligned" : ""}:${limit}/${windowSeconds}${burst === limit ? "" : `/${burst}`}`,
    name,
    algorithm,
    limit,
    windowMs: windowSeconds * 1000,
    burst,
    isAligned,
  };
  const result = {
    ...compiled,
    texts: textsOf(compiled),
    ...readKey(options, place.hasAuth),
    cost: readCost(options, burst),
    onUnavailable,
    local: shareOf(compiled, share),
    reportOnly: options.oneOf("mode", ["enforce", "report"]) === "report",
  };
  options.done();
  const objection = issues.length === before ? place.store.objectionTo?.(compiled) : undefined;
  if (objection !== undefined) issues.push({ path, message: objection });
  return result;
}

function readName(options: Options, defaultName: string | undefined): string {
  const name = options.get("name") ?? defaultName;
  if (name === undefined) options.refuse("name", "is missing: a limit of a list or of requirements needs a name");
  else if (typeof name !== "string" || !/^[\w.*/-]{1,64}$/.test(name)) {
    options.refuse("name", `${show(name)} must be 1 to 64 of A-Z, a-z, 0-9, "_", ".", "-", "/" and "*"`);
  }
  return typeof name === "string" ? name : "";
}

function readAlgorithm(options: Options, { name, capabilities }: RateLimitStore): RateLimitAlgorithm {
  const algorithm = options.oneOf("algorithm", algorithms) ?? "gcra";
  if (!capabilities.algorithms.includes(algorithm)) {
    options.refuse(
      "algorithm",
      `${show(algorithm)} is not counted by the store ${show(name)}: write one of ${capabilities.algorithms.map(show).join(", ")}`,
    );
  }
  return algorithm;
}

function required(options: Options, key: string, max: number, unit: string): number {
  if (!options.has(key)) options.refuse(key, `is missing: write a whole number of ${unit} from 1 to ${max}`);
  return options.integer(key, 1, max, unit) ?? 1;
}

function readKey(options: Options, hasAuth: boolean): Pick<CompiledLimit, "by" | "dangerouslyBy"> {
  const by = options.get("by") ?? "ip";
  if (by === "identity" && !hasAuth) {
    options.refuse("by", `"identity" needs a policy with auth: configure it, or count by "ip"`);
  }
  if (by !== "ip" && by !== "identity" && typeof by !== "function") {
    options.refuse("by", `${show(by)} must be "ip", "identity" or a function`);
  }
  const dangerouslyBy = options.function<(request: Request) => string>("dangerouslyBy");
  if (options.has("by") && options.has("dangerouslyBy"))
    options.refuse("dangerouslyBy", "cannot stand beside by: write one of them");
  return { by: by as CompiledLimit["by"], dangerouslyBy }; // checked above; a mistake throws before it is used
}

function readCost(options: Options, burst: number): CompiledLimit["cost"] {
  const cost = options.get("cost") ?? 1;
  if (typeof cost === "function") return cost as (facts: Facts) => number; // its result is checked at each call
  if (!Number.isInteger(cost) || (cost as number) < 0 || (cost as number) > burst) {
    options.refuse("cost", `${show(cost)} must be a whole number from 0 to the burst, ${burst}, or a function`);
  }
  return cost as number;
}

function readShare(options: Options, onUnavailable: CompiledLimit["onUnavailable"]): number {
  const share = options.get("localShare") ?? 1;
  if (typeof share !== "number" || !(share > 0 && share <= 1)) {
    options.refuse("localShare", `${show(share)} must be a number above 0, at most 1`);
    return 1;
  }
  if (options.has("localShare") && onUnavailable !== "local")
    options.refuse("localShare", `belongs to onUnavailable: "local": remove it`);
  return share;
}

/** At least one request comes through, else a share would be a refusal. */
function shareOf(limit: Limit, share: number): ShownLimit {
  const part = (count: number): number => Math.max(1, Math.floor(count * share));
  const local = { ...limit, id: `local:${limit.id}*${share}`, limit: part(limit.limit), burst: part(limit.burst) };
  return { ...local, texts: textsOf(local) };
}
