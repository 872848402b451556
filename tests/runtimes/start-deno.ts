import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { type RunningProcess, startProcess } from "./spawn.ts";

/** Starts a program in Deno, which may use the network and nothing else. */
export async function startDeno(file: string): Promise<RunningProcess> {
  const folder = await mkdtemp(join(tmpdir(), "mantlet-deno-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const flags = ["--allow-net=127.0.0.1", "--no-remote", "--no-npm", "--no-lock", "--no-config"];
  const env = { DENO_DIR: join(folder, "cache"), DENO_NO_UPDATE_CHECK: "1" };
  try {
    const program = join(folder, "program.mjs");
    await writeFile(program, await bundle(file));
    const running = await startProcess("deno", ["run", ...flags, program], env);
    return { ...running, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
