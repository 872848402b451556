import { show } from "../../lib/options.ts";
import type { Verdict } from "../store.ts";

const numbersPerVerdict = 4;

/** The verdicts in a reply of the script. Whatever is not one, such as the answer of a cut connection, is no decision. */
export function readReply(reply: unknown, count: number): Verdict[] {
  if (!Array.isArray(reply) || reply.length !== count * numbersPerVerdict) throw unexpected(reply);
  const numbers = reply.map(integer);
  return Array.from({ length: count }, (_, index) => {
    const [allowed, remaining, retryAfterMs, resetMs] = numbers.slice(index * numbersPerVerdict);
    if ((allowed !== 0 && allowed !== 1) || remaining === undefined || remaining < 0) throw unexpected(reply);
    return { allowed: allowed === 1, remaining, retryAfterMs: duration(retryAfterMs), resetMs: duration(resetMs) };
  });

  function integer(value: unknown): number {
    // Clients may be set to give the integers of Redis as strings.
    const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
    if (!Number.isSafeInteger(number)) throw unexpected(reply);
    return number as number; // an integer, as just checked
  }

  function duration(ms: number | undefined): number {
    if (ms === undefined || ms < -1) throw unexpected(reply);
    return ms === -1 ? Number.POSITIVE_INFINITY : ms;
  }
}

function unexpected(reply: unknown): TypeError {
  return new TypeError(`the rate limit script gave an unexpected reply: ${show(reply)}`);
}
