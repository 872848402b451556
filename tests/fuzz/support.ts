import { afterAll } from "vitest";

/** How often each property is tried. */
export const runs: number = Number(process.env.FUZZ_RUNS ?? 300);

/** The options of every `fc.assert`: enough time for what was asked for. */
export const options = { numRuns: runs };

/** Time for a property in milliseconds: as long as the runs that were asked for take. */
export const timeoutMs: number = 20_000 + runs * 20;

/**
 * Times single decisions and prints the slowest at the end. One that seems to be the slowest is made again, and its best
 * time counts: the garbage of thousands of others, and their compiler, are none of its own. It is never asserted: a busy
 * machine is no defect.
 */
export function stopwatch(what: string): <T>(decide: () => Promise<T>) => Promise<T> {
  let slowestMs = 0;
  let count = 0;
  afterAll(() => {
    console.info(`${what}: ${count} decisions, the slowest takes ${slowestMs.toFixed(2)} ms`);
  });
  return async (decide) => {
    const { result, ms } = await timed(decide);
    let bestMs = ms;
    for (let round = 0; round < 3 && bestMs > slowestMs; round++) bestMs = Math.min(bestMs, (await timed(decide)).ms);
    slowestMs = Math.max(slowestMs, bestMs);
    count++;
    return result;
  };
}

async function timed<T>(decide: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const startMs = performance.now();
  const result = await decide();
  return { result, ms: performance.now() - startMs };
}

/** A `Headers` with one field, or `undefined` where the text cannot be sent. */
export function fieldOf(name: string, value: string): Headers | undefined {
  try {
    return new Headers([[name, value]]);
  } catch {
    return undefined;
  }
}
