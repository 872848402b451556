import type { RunScript } from "../from-script.ts";

/** Sends one command with a script, its keys and its arguments. */
export type SendScript = (
  script: string,
  keys: string[],
  args: string[],
  signal: AbortSignal | undefined,
) => Promise<unknown>;

/**
 * Runs scripts with EVALSHA, and with EVAL where the server does not know the script (yet, or any more: after a restart,
 * SCRIPT FLUSH or a failover). No other error is tried again: the script may have run.
 */
export function bySha1(evalSha: SendScript, evaluate: SendScript): RunScript {
  return async ({ source, sha1 }, keys, args, signal) => {
    try {
      return await evalSha(sha1, [...keys], [...args], signal);
    } catch (error) {
      if (!isNoScript(error)) throw error;
      signal?.throwIfAborted();
      return evaluate(source, [...keys], [...args], signal);
    }
  };
}

/** Looks at the beginning only: some clients add the command, and with it what a caller may have chosen. */
function isNoScript(error: unknown): boolean {
  return (
    error instanceof Error && /^(?:Command (?:\d+ \[ evalsha \] )?failed: )?(?:ERR )?NOSCRIPT\b/i.test(error.message)
  );
}
