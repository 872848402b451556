import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, Options } from "../lib/options.ts";
import type { Refusal } from "../problem.ts";
import { textsOf } from "./fields.ts";
import type { CompiledLimit } from "./rate-limit.ts";
import type { Counters, PolicyCheck } from "./take.ts";
import { addressUnknown, unknownAddressWarning } from "./unknown-address.ts";

/** How many bad credentials an address may send. */
export interface AuthFailuresOptions {
  /**
   * Bad credentials per window, as a token bucket: 1 to 1,000,000. A credential must be looked at before it can count, so
   * of requests at the same time none is refused for another: who sends `n` at once has `limit - 1 + n` tries at most,
   * then none until a first one is forgiven. Default: 20.
   */
  readonly limit?: number;
  /** The window in seconds: 1 to 31,622,400 (a year). Default: 60. */
  readonly windowSeconds?: number;
}

/** The name under which clients read that they sent too many. */
const name = "auth-failures";

/** Reads `authFailures`, which is on where there is authentication, unless it says `"off"`. */
export function compileAuthFailures(value: unknown, issues: Issues, hasAuth: boolean): CompiledLimit | undefined {
  if (value !== undefined && !hasAuth) {
    issues.push({ path: "authFailures", message: "needs a policy with auth: configure it, or remove this" });
  }
  if (!hasAuth || value === "off") return undefined;
  const options = new Options(value === undefined ? {} : value, "authFailures", issues, "off");
  const limit = options.integer("limit", 1, 1_000_000, "failures") ?? 20;
  const windowSeconds = options.integer("windowSeconds", 1, 31_622_400, "seconds") ?? 60;
  options.done();
  const counted = {
    id: `${name}:gcra:${limit}/${windowSeconds}`,
    name,
    algorithm: "gcra",
    limit,
    windowMs: windowSeconds * 1000,
    burst: limit,
    isAligned: false,
  } as const;
  const compiled = { ...counted, texts: textsOf(counted) };
  return {
    ...compiled,
    by: "ip",
    dangerouslyBy: undefined,
    cost: 1,
    onUnavailable: "local",
    local: { ...compiled, id: `local:${compiled.id}` },
    reportOnly: false,
  };
}

/** The count of bad credentials by address: looked at before authentication, added to after it. */
export interface AuthFailures {
  /** Whether the store counts them: then it is asked together with the limits of the same step. */
  readonly isInStore: boolean;
  /** What to ask before authentication; a refusal, or `undefined`, where the address is unknown. */
  readonly peek: (exchange: Exchange) => PolicyCheck | Refusal | undefined;
  /** Adds one. Requests that run at the same time may together overshoot the limit. */
  readonly add: (exchange: Exchange) => MaybePromise<void>;
}

/** Counts where the addresses of a route are counted, and else in this process. */
export function compileAuthFailureCount(
  limit: CompiledLimit,
  counters: Counters,
  limits: readonly CompiledLimit[],
): AuthFailures {
  const isInStore = limits.some(({ reportOnly }) => !reportOnly) && counters.store.canPeek(limit);
  const warnOfUnknownAddress = unknownAddressWarning("a bad credential was not counted");
  const here = isInStore ? counters.local : counters.authFailures;
  const checkOf = ({ addressKey, onUnknownAddress }: Exchange): PolicyCheck | undefined => {
    const identity = addressKey ?? (onUnknownAddress === "shared" ? "unknown" : undefined);
    return identity === undefined ? undefined : { identity, limit, cost: 1 };
  };
  return {
    isInStore,
    peek: (exchange) => {
      const check = checkOf(exchange);
      if (check !== undefined) return { ...check, peek: true };
      return exchange.onUnknownAddress === "refuse" ? addressUnknown : undefined;
    },
    add: (exchange) => {
      const check = checkOf(exchange);
      if (check === undefined) return warnOfUnknownAddress(exchange);
      const addHere = (): void => void here.consume([{ ...check, limit: limit.local }], exchange);
      if (!isInStore || exchange.isStoreDown) return addHere();
      const decision = counters.store.consume([check], exchange);
      if (isPromise(decision)) return decision.then((settled) => (settled === undefined ? addHere() : undefined));
      if (decision === undefined) addHere();
    },
  };
}
