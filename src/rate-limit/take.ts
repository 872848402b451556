import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { isRefusal, type Refusal } from "../problem.ts";
import { tell } from "../tell.ts";
import type { AuthFailures } from "./auth-failures.ts";
import { costOf, identityOf } from "./bucket.ts";
import type { Decision, GuardedStore, LocalStore } from "./guard.ts";
import type { CompiledLimit } from "./rate-limit.ts";
import { costExceeds, rateLimited, unavailable } from "./refusals.ts";
import type { Counted, LimitCheck, Verdict } from "./store.ts";
import { addressUnknown, unknownAddressWarning } from "./unknown-address.ts";
import { unknownVerdict } from "./unknown-verdict.ts";

/** Counts a request against the limits of one step: against all of them, or none. */
export type TakeStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

/** A check, and the limit as the policy knows it. */
export interface PolicyCheck extends LimitCheck {
  readonly limit: CompiledLimit;
}

/** Where limits are counted: the store, and this process while the store is down. */
export interface Counters {
  readonly store: GuardedStore;
  readonly local: LocalStore;
  /** Where bad credentials are counted that no store counts. */
  readonly authFailures: LocalStore;
}

/**
 * The step that counts against these limits; `undefined` where there are none.
 *
 * @param failures - Bad credentials of the address, which are looked at here too.
 */
export function compileTake(
  limits: readonly CompiledLimit[],
  counters: Counters,
  failures: AuthFailures | undefined,
): TakeStep | undefined {
  if (limits.length === 0 && failures === undefined) return undefined;
  const enforced = limits.filter(({ reportOnly }) => !reportOnly);
  const reported = limits.filter(({ reportOnly }) => reportOnly);
  const warnOfUnknownAddress = unknownAddressWarning("a limit by address was skipped");
  return (exchange) => {
    const checks = checksFor(enforced, exchange, warnOfUnknownAddress);
    if (!Array.isArray(checks)) return tell(checks, exchange);
    const peek = failures?.peek(exchange);
    if (isRefusal(peek)) return tell(peek, exchange);
    if (peek !== undefined) {
      if (failures?.isInStore) checks.push(peek);
      else {
        const refusal = refuseViolated(decideLocally([peek], counters.authFailures, exchange), exchange);
        if (refusal !== undefined) return refusal;
      }
    }
    if (reported.length > 0) report(reported, counters, exchange);
    if (checks.length === 0) return undefined;
    const decision = exchange.isStoreDown ? undefined : counters.store.consume(checks, exchange);
    return isPromise(decision)
      ? decision.then((settled) => judge(checks, settled, counters, exchange))
      : judge(checks, decision, counters, exchange);
  };
}

/** Who is counted for how much; or why nobody can be. */
function checksFor(
  limits: readonly CompiledLimit[],
  exchange: Exchange,
  warnOfUnknownAddress: (exchange: Exchange) => void,
): PolicyCheck[] | Refusal {
  let checks: PolicyCheck[] | undefined;
  for (const limit of limits) {
    const identity = identityOf(limit, exchange);
    if (identity === undefined) {
      if (exchange.onUnknownAddress === "refuse") return addressUnknown;
      warnOfUnknownAddress(exchange);
      continue;
    }
    const cost = costOf(limit, exchange);
    if (cost > limit.burst) return costExceeds;
    const check = { identity, limit, cost };
    // With room for one: an empty list that grows takes room for 17.
    if (checks === undefined) checks = [check];
    else checks.push(check);
  }
  return checks ?? [];
}

/** Counts without refusing and without making anybody wait. */
function report(limits: readonly CompiledLimit[], { store }: Counters, exchange: Exchange): void {
  const checks = checksToReport(limits, exchange);
  if (checks.length === 0 || exchange.isStoreDown) return;
  const note = (decision: Decision): void => {
    if (decision === undefined) return;
    const violated = withVerdicts(checks, decision).filter(({ verdict }) => !verdict.allowed);
    if (violated.length > 0) emitLimited(violated, exchange, true);
  };
  const decision = store.consume(checks, exchange);
  if (isPromise(decision)) exchange.waitUntil(decision.then(note));
  else note(decision);
}

/** One by one: what is wrong with one limit is told, and the others count. */
function checksToReport(limits: readonly CompiledLimit[], exchange: Exchange): readonly PolicyCheck[] {
  return limits.flatMap((limit) => {
    try {
      const checks = checksFor([limit], exchange, () => {});
      if (Array.isArray(checks)) return checks;
      tell(checks, exchange, true);
    } catch (error) {
      exchange.fail(error);
    }
    return [];
  });
}

function judge(
  checks: readonly PolicyCheck[],
  decision: Decision,
  counters: Counters,
  exchange: Exchange,
): Refusal | undefined {
  if (decision !== undefined) return refuseViolated(withVerdicts(checks, decision), exchange);
  exchange.isStoreDown = true;
  const isClosed = checks.some(({ limit }) => limit.onUnavailable === "closed");
  if (isClosed) return unavailable(counters.store.pauseLeftMs());
  return refuseViolated(decideLocally(checks, counters.local, exchange), exchange);
}

/** A limit with its verdict, and whether it was only looked at. */
type Judged = Counted & Pick<PolicyCheck, "peek">;

/** Not on the checks themselves, which a store may have kept. */
function withVerdicts(checks: readonly PolicyCheck[], verdicts: readonly Verdict[]): readonly Judged[] {
  return checks.map(({ limit, peek = false }, index) => ({ limit, peek, verdict: verdicts[index] ?? unknownVerdict }));
}

/** While the store is down: this process's own count, or none. */
function decideLocally(checks: readonly PolicyCheck[], local: LocalStore, exchange: Exchange): readonly Judged[] {
  const [...verdicts] = local.consume(
    checks.filter(isLocal).map(({ limit, cost, ...check }) => ({
      ...check,
      limit: limit.local,
      cost: Math.min(cost, limit.local.burst),
    })),
    exchange,
  );
  return checks.map((check) => {
    const verdict = isLocal(check) && verdicts.shift();
    return verdict ? { ...check, limit: check.limit.local, verdict } : { ...check, verdict: unknownVerdict };
  });
}

function isLocal({ limit }: PolicyCheck): boolean {
  return limit.onUnavailable === "local";
}

/** Notes what was counted. What was only looked at is told of where it refuses. */
function refuseViolated(judged: readonly Judged[], exchange: Exchange): Refusal | undefined {
  const counted = judged.every(isTold) ? judged : judged.filter(isTold);
  if (counted.length > 0)
    exchange.counted = exchange.counted === undefined ? counted : [...exchange.counted, ...counted];
  if (counted.every(isAllowed)) return undefined;
  const violated = counted.filter((limit) => !isAllowed(limit));
  const retryAfterMs = emitLimited(violated, exchange, false);
  return rateLimited(violated, retryAfterMs);
}

function isTold({ peek, verdict }: Judged): boolean {
  return !peek || !verdict.allowed;
}

function isAllowed({ verdict }: Counted): boolean {
  return verdict.allowed;
}

/** @returns the longest retry time. */
function emitLimited(violated: readonly Counted[], exchange: Exchange, isReport: boolean): number {
  const retryAfterMs = Math.max(...violated.map(({ verdict }) => verdict.retryAfterMs));
  exchange.emit({
    type: "limited",
    code: "rate_limited",
    limits: violated.map(({ limit }) => limit.name),
    retryAfterMs,
    ...(isReport && { reported: true }),
  });
  return retryAfterMs;
}
