import { ConfigError } from "../../config-error.ts";
import { type Issues, Options, show } from "../../lib/options.ts";
import { keyOf, readPrefix } from "../key.ts";
import type { Limit, LimitCheck, RateLimitStore, Verdict } from "../store.ts";
import { unknownVerdict } from "../unknown-verdict.ts";

/** What is needed of a rate limiting binding of Cloudflare Workers (`RateLimit`). */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ readonly success: boolean }>;
}

/** The settings of `bindingStore()`. */
export interface BindingStoreOptions {
  /** What all keys begin with: 1 to 64 characters, no braces. Default: `"mantlet"`. */
  readonly prefix?: string;
  /** How long a decision may take, in milliseconds, 1 to 60,000. Default: 250. */
  readonly timeoutMs?: number;
}

/** The periods that Cloudflare has. */
const periodsMs: readonly number[] = [10_000, 60_000];

/**
 * Counts with the rate limiting binding of Cloudflare Workers: fast and free of charge, but a rough guard.
 *
 * - It is **not exact**: each location of Cloudflare counts for itself, and approximately. Nothing is known of what is
 *   left or when it comes back: clients get `RateLimit-Policy` alone, and a refusal tells them to wait a whole window.
 * - The quota stands in the configuration of the Worker (`simple: { limit, period }`), where it cannot be read. Write the
 *   same numbers in the policy. A window other than 10 or 60 seconds is a config error, and so are two different quotas
 *   over one binding.
 * - Its limits are written with `algorithm: "fixed-window"`. Where the windows begin is the platform's affair.
 * - Limits of one request are decided in their order, and nothing is given back: where a later one refuses, the earlier
 *   ones stay counted.
 * - A cost of n takes n calls; where the n-th is refused, the others stay counted. A peek takes none, and knows nothing.
 *
 * @param bindings One binding, for limits that all have its quota; or, by the names of the limits, one for each.
 * @throws ConfigError when it is no such binding, or an option is out of bounds.
 *
 * @example
 * ```ts
 * policy({
 *   store: bindingStore(env.LIMITER), // simple: { limit: 100, period: 60 }
 *   rateLimit: { limit: 100, windowSeconds: 60, algorithm: "fixed-window" },
 * });
 * ```
 */
export function bindingStore(
  bindings: RateLimitBinding | Readonly<Record<string, RateLimitBinding>>,
  options: BindingStoreOptions = {},
): RateLimitStore {
  const issues: Issues = [];
  const bindingOf = readBindings(bindings, issues);
  const read = new Options(options, "bindingStore", issues);
  const prefix = readPrefix(read);
  const timeoutMs = read.integer("timeoutMs", 1, 60_000, "milliseconds") ?? 250;
  read.done();
  if (issues.length > 0) throw new ConfigError(issues);

  const take = async (check: LimitCheck, signal: AbortSignal | undefined): Promise<Verdict> => {
    const { limit, cost } = check;
    if (cost > limit.burst) return refusalOf(Number.POSITIVE_INFINITY);
    const key = keyOf(prefix, check);
    for (let taken = 0; taken < cost; taken++) {
      signal?.throwIfAborted();
      const outcome = await bindingOf(limit.name)?.limit({ key });
      if (typeof outcome?.success !== "boolean") throw new TypeError("binding: the binding told no success");
      if (!outcome.success) return refusalOf(limit.windowMs);
    }
    return unknownVerdict; // a binding says yes or no, and nothing else
  };

  return {
    name: "binding",
    capabilities: { algorithms: ["fixed-window"], exact: false, atomic: false, remaining: false },
    timeoutMs,
    objectionTo: objections(bindingOf),
    async consume(checks, { signal }) {
      const verdicts: Verdict[] = [];
      for (const check of checks) {
        const isRefused = verdicts.some(({ allowed }) => !allowed);
        verdicts.push(isRefused || check.peek ? unknownVerdict : await take(check, signal));
      }
      return verdicts;
    },
  };
}

function refusalOf(retryAfterMs: number): Verdict {
  return { allowed: false, remaining: null, retryAfterMs, resetMs: null };
}

type BindingOf = (limitName: string) => RateLimitBinding | undefined;

function readBindings(bindings: unknown, issues: Issues): BindingOf {
  if (isBinding(bindings)) return () => bindings;
  const named: readonly (readonly [string, unknown])[] =
    typeof bindings === "object" && bindings !== null ? Object.entries(bindings) : [];
  const byName = new Map<string, RateLimitBinding>();
  for (const [name, binding] of named) {
    if (isBinding(binding)) byName.set(name, binding);
    else issues.push({ path: `bindingStore.${name}`, message: `${show(binding)} is no rate limiting binding` });
  }
  if (named.length === 0) {
    issues.push({
      path: "bindingStore",
      message: "there is no function limit: pass a rate limiting binding, such as env.LIMITER, or one for each limit",
    });
  }
  return (limitName) => byName.get(limitName);
}

function isBinding(value: unknown): value is RateLimitBinding {
  return typeof value === "object" && value !== null && "limit" in value && typeof value.limit === "function";
}

/** Why a limit cannot be counted. A binding has one quota, so it is held against the first limit that was counted by it. */
function objections(bindingOf: BindingOf): (limit: Limit) => string | undefined {
  const quotas = new Map<RateLimitBinding, string>();
  return ({ name, limit, windowMs }) => {
    const binding = bindingOf(name);
    if (binding === undefined) return `the store "binding" has no binding for ${show(name)}: pass one under this name`;
    if (!periodsMs.includes(windowMs)) {
      return `the store "binding" has windows of 10 or 60 seconds only: write one of them as windowSeconds, and as period of the binding`;
    }
    const quota = `${limit} in ${windowMs / 1000} seconds`;
    const first = quotas.get(binding) ?? quota;
    quotas.set(binding, first);
    if (first === quota) return undefined;
    return `the store "binding" counts ${quota} and ${first} with one binding, which has one quota: pass a binding for each, by the names of the limits`;
  };
}
