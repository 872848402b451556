import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Running } from "../../runtimes/conformance.ts";
import { startProcess } from "../../runtimes/spawn.ts";

/** Starts a file of this folder under Deno, with a cache of its own and the permissions that the flags give. */
export async function startDeno(
  file: string,
  flags: readonly string[],
  args: readonly string[] = [],
): Promise<Running> {
  const cache = await mkdtemp(join(tmpdir(), "mantlet-deno-"));
  const remove = (): Promise<void> => rm(cache, { recursive: true, force: true });
  const offline = ["--no-remote", "--no-npm", "--no-lock", "--no-config", "--no-prompt"];
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  try {
    const running = await startProcess("deno", ["run", ...offline, ...flags, path, ...args], env);
    return { ...running, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
