import type { Exchange } from "../exchange.ts";
import type { ResponseFields } from "../response-fields.ts";
import type { Counted, Limit } from "./store.ts";

/** The fields that `writeRateLimit` may write, as browsers are told of them. */
export const rateLimitFieldNames: readonly string[] = [
  "RateLimit-Policy",
  "RateLimit",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
];

/** A limit that was decided for a request, with its item of `RateLimit-Policy`, which never changes. */
export interface DescribedCount extends Counted {
  readonly policyItem: string;
}

/** The item of a limit in `RateLimit-Policy`. */
export function policyItemOf({ name, limit, windowMs }: Limit): string {
  return `"${name}";q=${limit};w=${windowMs / 1000}`;
}

/**
 * Writes both families over a response: draft-ietf-httpapi-ratelimit-headers-11 with every limit, and the three
 * X-RateLimit fields with the limit nearest to exhaustion.
 */
export function writeRateLimit(fields: ResponseFields, { counted, nowMs }: Exchange): void {
  if (counted === undefined) return;
  let policy = "";
  let quota = "";
  let nearest: Counted | undefined;
  for (const count of counted) {
    const { limit, verdict, policyItem } = count;
    policy = append(policy, policyItem);
    if (verdict.remaining === null || verdict.resetMs === null) continue;
    quota = append(quota, `"${limit.name}";r=${verdict.remaining};t=${seconds(verdict.resetMs)}`);
    nearest = nearest === undefined ? count : nearer(nearest, count);
  }
  fields.set("ratelimit-policy", policy);
  if (nearest === undefined) return;
  const { limit, verdict } = nearest;
  fields.set("ratelimit", quota);
  fields.set("x-ratelimit-limit", String(limit.limit));
  fields.set("x-ratelimit-remaining", String(verdict.remaining));
  fields.set("x-ratelimit-reset", String(seconds(nowMs + (verdict.resetMs ?? 0))));
}

function append(list: string, item: string): string {
  return list === "" ? item : `${list}, ${item}`;
}

function nearer(first: Counted, second: Counted): Counted {
  if (first.verdict.allowed !== second.verdict.allowed) return first.verdict.allowed ? second : first;
  if (!first.verdict.allowed) return second.verdict.retryAfterMs > first.verdict.retryAfterMs ? second : first;
  return share(second) < share(first) ? second : first;
}

function share({ limit, verdict }: Counted): number {
  return (verdict.remaining ?? Number.POSITIVE_INFINITY) / limit.limit;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
