const failuresToOpen = 3;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** An attempt that was let through. */
export interface Attempt {
  readonly isProbe: boolean;
}

const ordinary: Attempt = { isProbe: false };

/**
 * A circuit breaker: three failures in a row open it for a second. Then one attempt is let through, as a probe; each
 * failed probe doubles the pause, up to half a minute.
 */
export class Breaker {
  readonly #deadlineMs: number;
  #failures = 0;
  #pauseMs = firstPauseMs;
  #openUntilMs = 0;
  #probe: Attempt | undefined = undefined;

  /** @param deadlineMs - How long an attempt may take. */
  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  get isOpen(): boolean {
    return this.#failures >= failuresToOpen;
  }

  /** Milliseconds until the next probe; not above 0 when nobody has to wait. */
  get pauseLeftMs(): number {
    return this.isOpen ? this.#openUntilMs - Date.now() : 0;
  }

  /** Lets an attempt through, or not: `undefined`. Whoever gets one from an open breaker is its one probe. */
  begin(): Attempt | undefined {
    if (!this.isOpen) return ordinary;
    const nowMs = Date.now();
    const longestMs = this.#deadlineMs + this.#pauseMs;
    const leftMs = this.#openUntilMs - nowMs;
    if (leftMs > 0 && leftMs <= longestMs) return undefined; // more is left only where the clock went back
    // Nothing may ever be heard of a probe: platforms end requests whose client has gone. Then another one follows.
    this.#openUntilMs = nowMs + longestMs;
    this.#probe = { isProbe: true };
    return this.#probe;
  }

  /** @returns whether this closed the breaker. */
  succeed(): boolean {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    return wasOpen;
  }

  /**
   * @returns the pause that begins now, 0 while the breaker stays closed; `undefined` where this says nothing new, since
   * the attempt began before the breaker opened, or was a probe before the last one.
   */
  fail(attempt: Attempt): number | undefined {
    if (attempt.isProbe) {
      const isCurrent = this.isOpen && attempt === this.#probe;
      return isCurrent ? this.#pause(Math.min(this.#pauseMs * 2, longestPauseMs)) : undefined;
    }
    if (this.isOpen) return undefined;
    this.#failures++;
    return this.isOpen ? this.#pause(firstPauseMs) : 0;
  }

  #pause(pauseMs: number): number {
    this.#pauseMs = pauseMs;
    this.#openUntilMs = Date.now() + pauseMs;
    return pauseMs;
  }
}
