import type { LimitCheck } from "../store.ts";

/**
 * What the script shall do: decide and consume, decide only (as if something else had been refused), give back, or
 * forget. It answers with a verdict for each check.
 */
export type ScriptMode = "consume" | "look" | "refund" | "reset";

/** ARGV of the script: the mode, the clock ("" is the server's own), and seven for each check. */
export function scriptArguments(mode: ScriptMode, checks: readonly LimitCheck[], clockMs?: number): string[] {
  const args = [mode, clockMs === undefined ? "" : String(clockMs)];
  for (const { limit, cost, peek } of checks) {
    args.push(
      limit.algorithm,
      String(limit.limit),
      String(limit.windowMs),
      String(limit.burst),
      limit.isAligned ? "1" : "0",
      String(cost),
      peek ? "1" : "0",
    );
  }
  return args;
}
