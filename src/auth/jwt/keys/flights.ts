import { isWorkers } from "../../../lib/workers.ts";
import { elapsedMs } from "./clock.ts";

interface Flight {
  readonly number: number;
  readonly begunMs: number;
  /** Never rejects. */
  readonly landed: Promise<void>;
}

const pollMs = 20;

/**
 * What is being fetched, so that others wait for it instead of fetching too. On Workers no request may wait for the I/O
 * of another: there each looks by a timer of its own whether the result has come.
 */
export class Flights {
  readonly #limitMs: number;
  #current: Flight | undefined;
  #count = 0;
  /** Those up to this number are over: what comes of them is old. */
  #overUpTo = 0;

  /** @param limitMs - A flight of which nothing is heard for longer is given up: platforms end requests with what they do. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Whether there is one to wait for. */
  get isAny(): boolean {
    return this.#current !== undefined && elapsedMs(this.#current.begunMs) < this.#limitMs;
  }

  /**
   * Begins one.
   *
   * @param fly - Gets what to call with its result: that is dropped where a later flight, or `forget()`, was faster.
   */
  begin(fly: (land: (apply: () => void) => void) => Promise<void>): Promise<void> {
    const number = ++this.#count;
    const landed = fly((apply) => {
      if (number <= this.#overUpTo) return;
      this.#overUpTo = number;
      apply();
    }).finally(() => {
      if (this.#current?.number === number) this.#current = undefined;
    });
    this.#current = { number, begunMs: Date.now(), landed };
    return landed;
  }

  /** Waits for the one that `isAny` speaks of. */
  async join(): Promise<void> {
    const joined = this.#current;
    if (!isWorkers()) return joined?.landed;
    while (this.isAny && this.#current === joined) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }

  /** Whatever is under way is too old. */
  forget(): void {
    this.#overUpTo = this.#count;
    this.#current = undefined;
  }
}
