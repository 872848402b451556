import type { Exchange } from "../exchange.ts";
import { addressKey } from "../lib/ip-address.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Refusal, refuse } from "../problem.ts";
import { type DescribedCount, policyItemOf } from "./fields.ts";
import type { CompiledLimit } from "./rate-limit.ts";
import type { LimitCheck, RateLimitStore, Verdict } from "./store.ts";

/** Counts a request against the limits of one step: against all of them, or none. */
export type TakeStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

/** The limits of one step, and where they are counted. */
interface TakePlan {
  readonly limits: readonly DescribedLimit[];
  readonly store: RateLimitStore;
  readonly warnOfUnknownAddress: (exchange: Exchange) => void;
}

interface DescribedLimit {
  readonly limit: CompiledLimit;
  readonly policyItem: string;
}

/** What is asked of the store, and what the fields say of it. */
type DescribedCheck = LimitCheck & DescribedLimit;

const unavailable = /* @__PURE__ */ refuse(
  503,
  "limiter_unavailable",
  "Requests cannot be counted at the moment.",
  { "retry-after": "1" },
  {
    type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
    title: "Temporary Reduced Capacity",
  },
);

/** The step that counts against these limits; `undefined` where there are none. */
export function compileTake(limits: readonly CompiledLimit[], store: RateLimitStore): TakeStep | undefined {
  if (limits.length === 0) return undefined;
  const described = limits.map((limit) => ({ limit, policyItem: policyItemOf(limit) }));
  const plan = { limits: described, store, warnOfUnknownAddress: unknownAddressWarning() };
  return (exchange) => take(plan, exchange);
}

function take(plan: TakePlan, exchange: Exchange): MaybePromise<Refusal | undefined> {
  const checks = checksOf(plan, exchange);
  if (checks.length < plan.limits.length) plan.warnOfUnknownAddress(exchange);
  if (checks.length === 0) return undefined;
  try {
    const verdicts = plan.store.consume(checks, exchange);
    if (!isPromise(verdicts)) return judge(checks, verdicts, exchange);
    return verdicts
      .then((settled) => judge(checks, settled, exchange))
      .catch((error: unknown) => outage(error, exchange));
  } catch (error) {
    return outage(error, exchange);
  }
}

function checksOf({ limits }: TakePlan, exchange: Exchange): readonly DescribedCheck[] {
  const checks = limits.map(({ limit, policyItem }) => {
    const identity = identityOf(limit, exchange);
    return identity === undefined ? undefined : { identity, limit, cost: 1, policyItem };
  });
  return checks.every(isPresent) ? checks : checks.filter(isPresent);
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** The bucket of a request; `undefined` when its address is unknown. No address begins like the other kinds. */
function identityOf({ by, name }: CompiledLimit, exchange: Exchange): string | undefined {
  const { auth, clientIp } = exchange;
  if (typeof by === "function") {
    const { method, path } = exchange;
    const key = by({ clientIp, method, path, ...(auth !== undefined && { auth }) });
    if (typeof key !== "string" || key === "")
      throw new TypeError(`rateLimit "${name}": by must give a non-empty string`);
    return `key:${key}`;
  }
  if (by === "identity" && auth !== undefined && auth.method !== "anonymous") {
    return `id:${auth.method.length}:${auth.method}${auth.subject}`;
  }
  return clientIp === undefined ? undefined : addressKey(clientIp);
}

function judge(
  checks: readonly DescribedCheck[],
  verdicts: readonly Verdict[],
  exchange: Exchange,
): Refusal | undefined {
  const counts = checks.map(({ limit, policyItem }, index): DescribedCount => {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new TypeError("the store gave fewer verdicts than it got checks");
    return { limit, policyItem, verdict };
  });
  exchange.counted = exchange.counted === undefined ? counts : [...exchange.counted, ...counts];
  return counts.every(isAllowed) ? undefined : refuseLimited(counts, exchange);
}

function isAllowed({ verdict }: DescribedCount): boolean {
  return verdict.allowed;
}

function refuseLimited(counts: readonly DescribedCount[], exchange: Exchange): Refusal {
  const violating = counts.filter((count) => !isAllowed(count));
  const violated = violating.map(({ limit }) => limit.name);
  const retryAfterMs = Math.max(...violating.map(({ verdict }) => verdict.retryAfterMs), 0);
  exchange.emit({ type: "limited", code: "rate_limited", limits: violated, retryAfterMs, ...exchange.eventBase() });
  return refuse(
    429,
    "rate_limited",
    "Too many requests. Try again after the time in Retry-After.",
    { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000) || 1)) },
    {
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Quota Exceeded",
      "violated-policies": violated,
    },
  );
}

function outage(error: unknown, exchange: Exchange): Refusal {
  exchange.emit({ type: "store_unavailable", code: "limiter_unavailable", error, ...exchange.eventBase() });
  return unavailable;
}

const warningIntervalMs = 60_000;

/** One warning a minute is enough. */
function unknownAddressWarning(): (exchange: Exchange) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (exchange) => {
    if (exchange.nowMs - lastMs < warningIntervalMs) return;
    lastMs = exchange.nowMs;
    exchange.warn("client_ip_unknown", "a limit by address was skipped: this platform does not say who is calling");
  };
}
