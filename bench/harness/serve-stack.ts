import process from "node:process";
import type { Variant } from "../contenders/settings.ts";
import { cpuMicros } from "./cpu.ts";

/** A handler as a server calls it, with what the platform gives beside the request. */
export type ServerFetch<Native> = (request: Request, native: Native) => Response | Promise<Response>;

/** What can be served, by name. */
export type Stacks<Native> = Readonly<Record<string, (variant: Variant) => ServerFetch<Native>>>;

/** Which of them is served; a bare handler has no variants. */
export interface Served {
  readonly stack: string;
  readonly variant: Variant | undefined;
}

/** Makes one of the stacks. */
export function makeStack<Native>(stacks: Stacks<Native>, { stack, variant }: Served): ServerFetch<Native> {
  const make = stacks[stack];
  if (make === undefined) throw new Error(`there is no stack ${stack}`);
  return make(variant ?? "default");
}

/**
 * Serves the stack that the argument of the process names, as JSON. Tells its port, and then its CPU time for every
 * line that comes in; ends with its input, so that it does not outlive who started it.
 */
export async function serveStack<Native>(
  stacks: Stacks<Native>,
  listen: (fetch: ServerFetch<Native>) => number | Promise<number>,
): Promise<void> {
  const port = await listen(makeStack(stacks, JSON.parse(process.argv[2] ?? "")));
  process.stdout.write(`${port}\n`);
  process.stdin.on("data", () => process.stdout.write(`${cpuMicros()}\n`));
  process.stdin.on("end", () => process.exit());
}
