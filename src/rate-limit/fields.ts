import type { Exchange } from "../exchange.ts";
import type { ResponseFields } from "../response-fields.ts";
import type { Counted } from "./store.ts";

/** The fields that `writeRateLimit` may write, as browsers are told of them. */
export const rateLimitFieldNames: readonly string[] = [
  "RateLimit-Policy",
  "RateLimit",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
];

/**
 * Writes both families over a response: draft-ietf-httpapi-ratelimit-headers-11 with every limit, and the three
 * X-RateLimit fields with the limit nearest to exhaustion.
 */
export function writeRateLimit(fields: ResponseFields, { counted, nowMs }: Exchange): void {
  if (counted.length === 0) return;
  fields.set(
    "ratelimit-policy",
    counted.map(({ limit }) => `"${limit.name}";q=${limit.limit};w=${limit.windowMs / 1000}`).join(", "),
  );
  const known = counted.filter(({ verdict }) => verdict.remaining !== null && verdict.resetMs !== null);
  if (known.length === 0) return;
  fields.set(
    "ratelimit",
    known
      .map(({ limit, verdict }) => `"${limit.name}";r=${verdict.remaining};t=${seconds(verdict.resetMs)}`)
      .join(", "),
  );
  const { limit, verdict } = known.reduce(nearer);
  fields.set("x-ratelimit-limit", String(limit.limit));
  fields.set("x-ratelimit-remaining", String(verdict.remaining));
  fields.set("x-ratelimit-reset", String(Math.ceil((nowMs + (verdict.resetMs ?? 0)) / 1000)));
}

function nearer(first: Counted, second: Counted): Counted {
  if (first.verdict.allowed !== second.verdict.allowed) return first.verdict.allowed ? second : first;
  if (!first.verdict.allowed) return second.verdict.retryAfterMs > first.verdict.retryAfterMs ? second : first;
  return share(second) < share(first) ? second : first;
}

function share({ limit, verdict }: Counted): number {
  return (verdict.remaining ?? Number.POSITIVE_INFINITY) / limit.limit;
}

function seconds(ms: number | null): number {
  return Math.ceil((ms ?? 0) / 1000);
}
