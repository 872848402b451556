/** A clock that stands still until it is told to move. */
export interface ManualClock {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Moves it on; a negative number moves it back. */
  readonly advance: (ms: number) => void;
  readonly set: (nowMs: number) => void;
}

/** Makes a clock for tests. It begins at the same time each time, in a middle of no window. */
export function manualClock(startMs: number = 1_763_769_601_234): ManualClock {
  let nowMs = startMs;
  return {
    get nowMs() {
      return nowMs;
    },
    advance(ms) {
      nowMs += ms;
    },
    set(ms) {
      nowMs = ms;
    },
  };
}
