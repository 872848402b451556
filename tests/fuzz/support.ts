import { afterAll } from "vitest";

/** How often each property is tried. */
export const runs: number = Number(process.env.FUZZ_RUNS ?? 300);

/** The options of every `fc.assert`: enough time for what was asked for. */
export const options = { numRuns: runs };

/** Time for a property in milliseconds: as long as the runs that were asked for take. */
export const timeoutMs: number = 20_000 + runs * 20;

/**
 * Times single decisions, by the clock and, where Node can tell it, by the CPU time of this thread: others' work on the
 * machine is not in that. The slowest is printed at the end. It is never asserted: a busy machine is no defect.
 */
export function stopwatch(what: string): <T>(decide: () => Promise<T>) => Promise<T> {
  let slowestMs = 0;
  let slowestCpuMs = 0;
  let count = 0;
  afterAll(() => {
    const cpu = process.threadCpuUsage === undefined ? "" : `, and ${slowestCpuMs.toFixed(2)} ms of CPU`;
    console.info(`${what}: ${count} decisions, the slowest took ${slowestMs.toFixed(2)} ms${cpu}`);
  });
  return async (decide) => {
    const startMs = performance.now();
    const startCpuMs = threadCpuMs();
    const result = await decide();
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    slowestCpuMs = Math.max(slowestCpuMs, threadCpuMs() - startCpuMs);
    count++;
    return result;
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? { user: 0, system: 0 };
  return (user + system) / 1000;
}

/** A `Headers` with one field, or `undefined` where the text cannot be sent. */
export function fieldOf(name: string, value: string): Headers | undefined {
  try {
    return new Headers([[name, value]]);
  } catch {
    return undefined;
  }
}
