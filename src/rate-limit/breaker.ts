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

  /** Milliseconds until the next probe. */
  get pauseLeftMs(): number {
    return this.isOpen ? Math.max(0, this.#openUntilMs - Date.now()) : 0;
  }

  /** Lets an attempt through, or not: `undefined`. Whoever gets one from an open breaker is its one probe. */
  begin(): Attempt | undefined {
    if (!this.isOpen) return ordinary;
    const nowMs = Date.now();
    if (nowMs < this.#openUntilMs) return undefined;
    // Nothing may ever be heard of a probe: platforms end requests whose client has gone. Then another one follows.
    this.#openUntilMs = nowMs + this.#deadlineMs + this.#pauseMs;
    this.#probe = { isProbe: true };
    return this.#probe;
  }

  /** @returns whether this closed the breaker. */
  succeed(): boolean {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    return wasOpen;
  }

  fail(attempt: Attempt): void {
    if (attempt.isProbe) {
      if (this.isOpen && attempt === this.#probe) this.#pause(Math.min(this.#pauseMs * 2, longestPauseMs));
    } else if (!this.isOpen) {
      // Attempts that began before it opened may fail after: they say nothing new.
      this.#failures++;
      if (this.isOpen) this.#pause(firstPauseMs);
    }
  }

  #pause(pauseMs: number): void {
    this.#pauseMs = pauseMs;
    this.#openUntilMs = Date.now() + pauseMs;
  }
}
