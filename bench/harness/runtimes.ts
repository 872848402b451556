import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export type RuntimeName = "node" | "bun" | "deno";

const binaries = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
/** 128 MB of young generation: what a heap measurement allocates fits in. */
const heapFlags = ["--expose-gc", "--min-semi-space-size=128", "--max-semi-space-size=128"] as const;

const commands: Readonly<Record<RuntimeName, (measuresHeap: boolean) => readonly string[]>> = {
  node: (measuresHeap) => (measuresHeap ? heapFlags : []),
  bun: () => ["run"],
  deno: (measuresHeap) => ["run", "-A", ...(measuresHeap ? [`--v8-flags=${heapFlags.join(",")}`] : [])],
};

export const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];

/** Runs a bundled worker in a fresh process of a runtime, and gives what it replied. */
export async function runWorker<Result>(
  runtime: RuntimeName,
  file: string,
  argument = "",
  options: { readonly measuresHeap?: boolean } = {},
): Promise<Result> {
  const flags = commands[runtime](options.measuresHeap ?? false);
  const { stdout } = await run(binaries + runtime, [...flags, file, argument], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? ""); // `reply` wrote it as the last line
}

/** Starts a bundled worker that is spoken with over its input and output. */
export function startWorker(
  runtime: RuntimeName,
  file: string,
  argument: string,
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(binaries + runtime, [...commands[runtime](false), file, argument], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

/** The version of a runtime, for the headline. */
export async function versionOf(runtime: RuntimeName): Promise<string> {
  const { stdout } = await run(binaries + runtime, ["--version"]);
  return `${runtime} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "?"}`;
}
