import type { Reason } from "./reasons.ts";

/** When tokens are valid. */
export interface TimeRules {
  readonly toleranceSeconds: number;
  /** From `iat` to `exp`; `undefined` where tokens may live for any time. */
  readonly maxLifetimeSeconds: number | undefined;
}

/** The times of a token, checked to be times. */
export interface TokenTimes {
  readonly exp: number;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
}

/** The end of the year 9999. The milliseconds of any day since 1978 are beyond it. */
const lastSecond = 253_402_300_799;

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= lastSecond;
}

/** The times among the claims. Each must be a NumericDate (RFC 7519 §2), and `exp` must be there. */
export function timesOf({ exp, nbf, iat }: Readonly<Record<string, unknown>>): TokenTimes | Reason {
  if (exp === undefined) return "missing_expiry";
  if (!isTime(exp) || !(nbf === undefined || isTime(nbf)) || !(iat === undefined || isTime(iat)))
    return "malformed_time";
  return { exp, nbf, iat };
}

/** RFC 7519 §4.1.4: on `exp` itself the token is expired. */
export function isExpired({ exp }: TokenTimes, { toleranceSeconds }: TimeRules, nowSeconds: number): boolean {
  return nowSeconds >= exp + toleranceSeconds;
}

/** What is wrong with the times of a token that has not expired. */
export function refuseTimes(
  { exp, nbf, iat }: TokenTimes,
  { toleranceSeconds, maxLifetimeSeconds }: TimeRules,
  nowSeconds: number,
): Reason | undefined {
  if (maxLifetimeSeconds !== undefined) {
    if (iat === undefined) return "malformed_time";
    if (exp - iat > maxLifetimeSeconds) return "lifetime_too_long";
  }
  if (nbf !== undefined && nbf > nowSeconds + toleranceSeconds) return "not_yet_valid";
  if (iat !== undefined && iat > nowSeconds + toleranceSeconds) return "issued_in_future";
  return undefined;
}
