import { elapsedMs } from "./clock.ts";

const firstPauseMs = 1000;
const longestPauseMs = 30_000;
const cooldownMs = 30_000;
const longAgoMs = Number.NEGATIVE_INFINITY;

/** When the provider was asked, with what success, and when it may be asked again. */
export class Attempts {
  #begunMs = longAgoMs;
  #failedMs = longAgoMs;
  #failures = 0;

  begin(): void {
    this.#begunMs = Date.now();
  }

  succeed(): void {
    this.#failures = 0;
  }

  fail(): void {
    this.#failures++;
    this.#failedMs = Date.now();
  }

  /** Whether the last attempt failed. */
  get hasFailed(): boolean {
    return this.#failures > 0;
  }

  /** Milliseconds until a failure is forgiven: a second after the first, doubled by each, up to half a minute. */
  get pauseLeftMs(): number {
    if (this.#failures === 0) return 0;
    const pauseMs = Math.min(firstPauseMs * 2 ** (this.#failures - 1), longestPauseMs);
    return Math.max(0, pauseMs - elapsedMs(this.#failedMs));
  }

  /** Milliseconds until a token that the held keys do not explain is again a reason to ask. */
  get cooldownLeftMs(): number {
    return Math.max(0, cooldownMs - elapsedMs(this.#begunMs));
  }
}
