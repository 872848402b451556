import { ConfigError } from "../../config-error.ts";
import { type Issues, Options } from "../../lib/options.ts";
import { identityByIdentity } from "../identity-by-identity.ts";
import { readPrefix } from "../key.ts";
import type { ScriptMode } from "../script/arguments.ts";
import type { LimitCheck, RateLimitStore, Verdict } from "../store.ts";
import type { RateLimiterRequest } from "./rate-limiter.ts";

/** What is needed of a `DurableObjectNamespace`: the binding of the class `RateLimiter`. */
export interface RateLimiterNamespace<Id = unknown> {
  idFromName(name: string): Id;
  get(id: Id): RateLimiterStub;
}

/** What is needed of a `DurableObjectStub`. It gets a `signal` too, which is not here: each platform has its own type of it. */
export interface RateLimiterStub {
  fetch(
    url: string,
    init: { method: string; body: string },
  ): Promise<{ readonly status: number; json(): Promise<unknown> }>;
}

/** The settings of `durableObjectStore()`. */
export interface DurableObjectStoreOptions {
  /** What the names of all objects begin with: 1 to 64 characters, no braces. Default: `"mantlet"`. */
  readonly prefix?: string;
  /** How long a decision may take, in milliseconds, 1 to 60,000. Default: 250. */
  readonly timeoutMs?: number;
}

/**
 * Counts in Durable Objects of the class `RateLimiter`, which your Worker exports too: exact under any concurrency, all
 * over the world, by the clock of the object.
 *
 * Each identity (an address, a user) has an object of its own, named after it and created near its first request, and
 * all its limits are in that object: one subrequest decides them, all or none. Limits of several identities in one
 * decision are several subrequests, one after the other: where one is refused, what those before it took is given back.
 *
 * Does no I/O before the first decision, and never tries again by itself. For objects that stay in a jurisdiction, pass
 * `env.LIMITER.jurisdiction("eu")`.
 *
 * @throws ConfigError when it is no such binding, or an option is out of bounds.
 *
 * @example
 * ```ts
 * export { RateLimiter } from "mantlet/cloudflare";
 * export default {
 *   fetch: worker((env: Env) => policy({
 *     store: durableObjectStore(env.LIMITER),
 *     rateLimit: { limit: 100, windowSeconds: 60 },
 *   }), () => Response.json({ status: "ok" })),
 * } satisfies ExportedHandler<Env>;
 * ```
 */
export function durableObjectStore<Id>(
  namespace: RateLimiterNamespace<Id>,
  options: DurableObjectStoreOptions = {},
): RateLimitStore {
  const issues: Issues = [];
  if (typeof namespace?.idFromName !== "function" || typeof namespace.get !== "function") {
    issues.push({
      path: "durableObjectStore",
      message:
        "the namespace has no idFromName and get: pass the Durable Object binding of the class RateLimiter, such as env.LIMITER",
    });
  }
  const read = new Options(options, "durableObjectStore", issues);
  const prefix = readPrefix(read);
  const timeoutMs = read.integer("timeoutMs", 1, 60_000, "milliseconds") ?? 250;
  read.done();
  if (issues.length > 0) throw new ConfigError(issues);

  const { consume, each } = identityByIdentity((mode, checks, signal) => ask(namespace, prefix, mode, checks, signal));
  return {
    name: "durable-object",
    capabilities: {
      algorithms: ["gcra", "fixed-window", "sliding-window", "sliding-log"],
      exact: true,
      atomic: false,
      remaining: true,
    },
    timeoutMs,
    consume: (checks, { signal }) => consume(checks, signal),
    refund: (checks, { signal }) => each("refund", checks, signal),
    reset: (checks) =>
      each(
        "reset",
        checks.map((check) => ({ ...check, cost: 0 })),
      ),
  };
}

/** Asks the object of one identity. */
async function ask<Id>(
  namespace: RateLimiterNamespace<Id>,
  prefix: string,
  mode: ScriptMode,
  checks: readonly LimitCheck[],
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  const [first] = checks;
  if (first === undefined) return [];
  const request: RateLimiterRequest = { mode, checks: checks.map(sent) };
  const object = namespace.get(namespace.idFromName(`${prefix}:${nameOf(first.identity)}`));
  const init = { method: "POST", body: JSON.stringify(request), ...(signal !== undefined && { signal }) };
  const response = await object.fetch("https://rate-limiter.invalid/", init);
  if (response.status !== 200) throw new Error(`durable-object: the object answered with status ${response.status}`);
  return verdictsIn(await response.json(), checks.length);
}

/** A check without what the object need not know: it has one identity, and the limits of a policy carry more than a limit. */
function sent({ limit, cost, peek }: LimitCheck): LimitCheck {
  const { id, name, algorithm, limit: quota, windowMs, burst, isAligned } = limit;
  return {
    identity: "",
    limit: { id, name, algorithm, limit: quota, windowMs, burst, isAligned },
    cost,
    ...(peek !== undefined && { peek }),
  };
}

/** JSON, since it writes the unpaired surrogates that UTF-8 cannot carry: no two identities share a name. */
function nameOf(identity: string): string {
  return JSON.stringify(identity);
}

/** What the object decided. `Infinity`, which JSON does not know, came as `null`. */
function verdictsIn(reply: unknown, count: number): readonly Verdict[] {
  if (!Array.isArray(reply) || reply.length !== count || !reply.every(isVerdict)) {
    throw new TypeError("durable-object: the object gave no verdicts: is its class RateLimiter?");
  }
  return reply.map(({ allowed, remaining, retryAfterMs, resetMs }) => ({
    allowed,
    remaining,
    retryAfterMs: retryAfterMs ?? Number.POSITIVE_INFINITY,
    resetMs: resetMs ?? Number.POSITIVE_INFINITY,
  }));
}

/** A verdict in JSON. */
interface SentVerdict {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterMs: number | null;
  readonly resetMs: number | null;
}

function isVerdict(value: unknown): value is SentVerdict {
  if (typeof value !== "object" || value === null) return false;
  const { allowed, remaining, retryAfterMs, resetMs } = value as Record<string, unknown>; // any object has members
  return (
    typeof allowed === "boolean" && typeof remaining === "number" && isDuration(retryAfterMs) && isDuration(resetMs)
  );
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" || value === null;
}
