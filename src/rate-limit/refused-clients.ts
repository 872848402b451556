import { BoundedMap } from "./bounded-map.ts";
import type { LimitCheck, Verdict } from "./store.ts";

const maxEntries = 10_000;

interface Refused {
  readonly untilMs: number;
  readonly cost: number;
  readonly remaining: number | null;
}

/**
 * Clients that a distant store refused, until their retry time. State only grows until then, so the answer is known and
 * an attacker's requests cost no call. Bounded: what does not fit is asked again.
 */
export class RefusedClients {
  readonly #entries: BoundedMap<Refused> = new BoundedMap(maxEntries, ({ untilMs }) => untilMs);

  /** The verdict of a check that would be refused again. */
  find(check: LimitCheck, nowMs: number): Verdict | undefined {
    const refused = this.#entries.get(keyOf(check));
    const { limit, cost } = check;
    if (refused === undefined || refused.untilMs <= nowMs) return undefined;
    const { untilMs, remaining } = refused;
    const more = cost - refused.cost;
    // Under GCRA what it costs more has its own time, fixed windows free everything at once, and of others nobody here knows.
    if (more < 0 || (more > 0 && limit.algorithm.startsWith("sliding"))) return undefined;
    const moreMs = limit.algorithm === "gcra" ? (more * limit.windowMs) / limit.limit : 0;
    const retryAfterMs = untilMs - nowMs + moreMs;
    return { allowed: false, remaining, retryAfterMs, resetMs: retryAfterMs };
  }

  /** A store that does not know when its quota is back only guesses the retry time: it is asked again. */
  note(check: LimitCheck, { allowed, remaining, retryAfterMs, resetMs }: Verdict, nowMs: number): void {
    const key = keyOf(check);
    // Who came in at a lower cost has to wait longer for a higher one.
    if (allowed) this.#entries.delete(key);
    else if (resetMs !== null && Number.isFinite(retryAfterMs))
      this.#entries.keep(key, { untilMs: nowMs + retryAfterMs, cost: check.cost, remaining }, nowMs);
  }
}

function keyOf({ identity, limit }: LimitCheck): string {
  return `${limit.id} ${identity}`;
}
