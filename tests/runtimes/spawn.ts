import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sendTo } from "./client.ts";
import type { Running } from "./conformance.ts";

/** The path of a file of the tests, for a command line. */
export function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** A server in a process of its own. */
export interface RunningProcess extends Running {
  readonly isAlive: () => boolean;
}

/** Starts a server in a process group of its own and waits for the line with its URL. */
export async function startProcess(
  executable: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const child = spawn(pathOf(`../../node_modules/.bin/${executable}`), args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const isAlive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const kill = (): void => {
    // The group, since a launcher may have started the runtime as its child.
    if (child.pid !== undefined && isAlive()) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const line = /^(?:.*Listening on )?(http:\S+)(?: .*)?\n/m.exec(output); // as the program says it, or as Deno does
      if (line?.[1] !== undefined) resolve(line[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${executable} ended before it listened:\n${output}`)));
  });
  return {
    url,
    send: sendTo(url),
    isAlive,
    stop: async () => {
      process.off("exit", kill);
      if (!isAlive()) return;
      const ended = once(child, "exit");
      kill();
      await ended;
    },
  };
}
