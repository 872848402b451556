const defaultFreshMs = 600_000;
const minFreshMs = 60_000;
const maxFreshMs = 86_400_000;

/** What a set is good for: to be used; to be used while a newer one is fetched; nothing. */
export type Freshness = "fresh" | "stale" | "cold";

/** How long an answer is fresh (RFC 9111 §4.2.1): its max-age without its Age, at least a minute and at most a day. */
export function freshMsOf(headers: Headers): number {
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(headers.get("cache-control") ?? "")?.[1];
  if (maxAge === undefined) return defaultFreshMs;
  const age = /^\d+$/.exec(headers.get("age") ?? "")?.[0] ?? "0";
  return clampFreshMs((Number(maxAge) - Number(age)) * 1000);
}

/** What is no number, since an age and a lifetime were both beyond all, is the least. */
export function clampFreshMs(freshMs: number): number {
  return Math.min(Math.max(freshMs || 0, minFreshMs), maxFreshMs);
}

/** The times of one set. */
export class Lifetime {
  readonly #freshMs: number;
  readonly #staleMs: number;
  #sinceMs: number;

  /**
   * @param sinceMs - When the provider gave it.
   * @param freshMs - Spread by 10 % either way, so that isolates that began together do not ask together.
   */
  constructor(sinceMs: number, freshMs: number, staleMs: number) {
    this.#sinceMs = sinceMs;
    this.#freshMs = Math.round(freshMs * (0.9 + Math.random() * 0.2));
    this.#staleMs = staleMs;
  }

  get freshness(): Freshness {
    const nowMs = Date.now();
    // The clock was set back: nobody knows how old the set is, so it is asked for, and its last hour begins now.
    if (nowMs < this.#sinceMs) this.#sinceMs = nowMs - this.#freshMs;
    const ageMs = nowMs - this.#sinceMs;
    if (ageMs < this.#freshMs) return "fresh";
    return ageMs < this.#freshMs + this.#staleMs ? "stale" : "cold";
  }
}
