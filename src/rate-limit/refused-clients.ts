import type { LimitCheck, Verdict } from "./store.ts";

const maxEntries = 10_000;
const sweptPerInsert = 2;

interface Refused {
  readonly untilMs: number;
  readonly cost: number;
}

/**
 * Clients that a distant store refused, until their retry time. State only grows until then, so the answer is known and
 * an attacker's requests cost no call. Bounded: what does not fit is asked again.
 */
export class RefusedClients {
  readonly #entries = new Map<string, Refused>();
  #hand: Iterator<[string, Refused]> = this.#entries.entries();

  /** The verdict of a check that would be refused again. */
  find({ identity, limit, cost }: LimitCheck, nowMs: number): Verdict | undefined {
    const key = `${limit.id} ${identity}`;
    const refused = this.#entries.get(key);
    if (refused === undefined || cost < refused.cost) return undefined;
    const retryAfterMs = refused.untilMs - nowMs;
    if (retryAfterMs > 0) return { allowed: false, remaining: 0, retryAfterMs, resetMs: retryAfterMs };
    this.#entries.delete(key);
    return undefined;
  }

  /** A store that does not know when its quota is back only guesses the retry time: it is asked again. */
  note({ identity, limit, cost }: LimitCheck, { allowed, retryAfterMs, resetMs }: Verdict, nowMs: number): void {
    if (allowed || resetMs === null || !Number.isFinite(retryAfterMs)) return;
    this.#sweep(nowMs);
    if (this.#entries.size < maxEntries)
      this.#entries.set(`${limit.id} ${identity}`, { untilMs: nowMs + retryAfterMs, cost });
  }

  #sweep(nowMs: number): void {
    for (let count = 0; count < sweptPerInsert; count++) {
      const next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#entries.entries();
        return;
      }
      const [key, { untilMs }] = next.value;
      if (untilMs <= nowMs) this.#entries.delete(key);
    }
  }
}
