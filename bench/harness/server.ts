import { createInterface } from "node:readline";
import { type RuntimeName, startWorker } from "./runtimes.ts";
import type { Served } from "./serve-stack.ts";

/** A stack that is served on the loopback interface, and what that has cost. */
export interface Server {
  readonly port: number;
  /** CPU time that the process of the server has spent in all its threads, in µs. */
  readonly cpuMicros: () => Promise<number>;
}

/** Servers by the name of their contender. */
export interface Servers {
  readonly byName: ReadonlyMap<string, Server>;
  readonly close: () => Promise<void>;
}

/** A contender as it is served. */
export interface ServedContender extends Served {
  readonly name: string;
}

/** Serves each contender by a worker of its own that calls `serveStack`. */
export async function startServers(
  runtime: RuntimeName,
  file: string,
  contenders: readonly ServedContender[],
): Promise<Servers> {
  const byName = new Map<string, Server & { readonly close: () => void }>();
  for (const contender of contenders) byName.set(contender.name, await startServer(runtime, file, contender));
  return {
    byName,
    close: async () => {
      for (const server of byName.values()) server.close();
    },
  };
}

async function startServer(runtime: RuntimeName, file: string, contender: ServedContender) {
  const { stdin, stdout } = startWorker(runtime, file, JSON.stringify(contender));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const nextFigure = async (): Promise<number> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the server of ${contender.name} on ${runtime} has ended`);
    return Number(value);
  };
  return {
    port: await nextFigure(),
    cpuMicros: () => {
      stdin.write("\n");
      return nextFigure();
    },
    close: () => stdin.end(),
  };
}
