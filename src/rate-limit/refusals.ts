import { type Refusal, refuse } from "../problem.ts";
import type { Counted } from "./store.ts";

export const costExceeds: Refusal = /* @__PURE__ */ refuse(
  400,
  "cost_exceeds_limit",
  "This request takes more than the limit ever grants.",
);

/** Some limits have nothing left for this request. */
export function rateLimited(violated: readonly Counted[], retryAfterMs: number): Refusal {
  return refuse(
    429,
    "rate_limited",
    "Too many requests. Try again after the time in Retry-After.",
    { "retry-after": seconds(retryAfterMs) },
    {
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Quota Exceeded",
      "violated-policies": violated.map(({ limit }) => limit.name),
    },
  );
}

/** Nobody counts, and a limit is to be closed then. */
export function unavailable(pauseLeftMs: number): Refusal {
  return refuse(
    503,
    "limiter_unavailable",
    "Requests cannot be counted at the moment.",
    { "retry-after": seconds(pauseLeftMs) },
    {
      type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
      title: "Temporary Reduced Capacity",
    },
  );
}

/** Whole seconds, at least one: a client that obeys never comes too early. At most what RFC 9111 §1.2.2 makes everybody read. */
function seconds(ms: number): string {
  return String(Math.min(2 ** 31, Math.max(1, Math.ceil(ms / 1000) || 1)));
}
