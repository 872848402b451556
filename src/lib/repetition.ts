/**
 * Whether a secret was typed and not drawn: it has fewer than five different characters, or is a shorter one over and
 * over, the last time perhaps cut off. Of random ones with 16 hexadecimal digits that is one in two million, of longer ones
 * none.
 */
export function isRepetition(secret: Iterable<unknown>): boolean {
  const all = [...secret];
  const repeats = (_: unknown, period: number): boolean =>
    period * 2 <= all.length && all.every((one, index) => one === all[index % period]);
  return new Set(all).size < 5 || all.some(repeats);
}

/** What is said of one. */
export const repeatsItself = "repeats itself too much to be random";
