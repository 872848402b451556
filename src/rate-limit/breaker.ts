const failuresToOpen = 3;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/**
 * A circuit breaker: three failures in a row open it for a second. Then one attempt is let through, as a probe; each
 * failed probe doubles the pause, up to half a minute.
 */
export class Breaker {
  #failures = 0;
  #pauseMs = firstPauseMs;
  #openUntilMs = 0;
  #isProbing = false;

  get isOpen(): boolean {
    return this.#failures >= failuresToOpen;
  }

  /** Milliseconds until the next probe. */
  pauseLeftMs(nowMs: number): number {
    return this.isOpen ? Math.max(0, this.#openUntilMs - nowMs) : 0;
  }

  /** Whether an attempt may be made now. Whoever gets `true` from an open breaker is its one probe. */
  admits(nowMs: number): boolean {
    if (!this.isOpen) return true;
    if (this.#isProbing || nowMs < this.#openUntilMs) return false;
    this.#isProbing = true;
    return true;
  }

  /** @returns whether this closed the breaker. */
  succeed(): boolean {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    this.#pauseMs = firstPauseMs;
    this.#isProbing = false;
    return wasOpen;
  }

  fail(nowMs: number): void {
    const wasProbe = this.#isProbing;
    this.#isProbing = false;
    this.#failures++;
    // Attempts that began before it opened may fail after: they say nothing new.
    if (this.#failures === failuresToOpen || wasProbe) {
      if (wasProbe) this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      this.#openUntilMs = nowMs + this.#pauseMs;
    }
  }
}
