import type { LimitState } from "../algorithms/state.ts";

/** So many numbers are stored as they are: 9 bytes each. */
const mostAsTheyAre = 4096;

/**
 * A state as Deno KV keeps it. A value may have 64 KiB, and a log of 10,000 times has more: such a log becomes text, the
 * first time and then the pauses between them, which have 6 digits of base 36 at the most in a year of 10,000 requests,
 * but for some hundred. Only logs have so many numbers, in rising order; fractions of a millisecond are rounded up.
 */
export function packState(state: LimitState): LimitState | string {
  if (typeof state === "number" || state.length <= mostAsTheyAre) return state;
  let last = 0;
  return state
    .map((timeMs) => {
      const pause = Math.ceil(timeMs) - last;
      last += pause;
      return pause.toString(36);
    })
    .join(" ");
}

/** What `packState` was given; `undefined` for what is none of its values. */
export function unpackState(value: unknown): LimitState | undefined {
  if (typeof value === "number" || Array.isArray(value)) return value;
  if (typeof value !== "string") return undefined;
  let last = 0;
  return value.split(" ").map((pause) => {
    last += Number.parseInt(pause, 36);
    return last;
  });
}
