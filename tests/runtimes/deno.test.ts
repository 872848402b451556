import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformance, type Running } from "./conformance.ts";
import { pathOf, startProcess } from "./spawn.ts";

async function startDeno(): Promise<Running> {
  const cache = await mkdtemp(join(tmpdir(), "mantlet-deno-"));
  const remove = (): Promise<void> => rm(cache, { recursive: true, force: true });
  const flags = ["--allow-net=127.0.0.1", "--no-remote", "--no-npm", "--no-lock", "--no-config"];
  const env = { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" };
  try {
    const running = await startProcess("deno", ["run", ...flags, pathOf("servers/deno.ts")], env);
    return { ...running, stop: () => running.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

conformance("Deno", { webSockets: "supported", connections: "kept", start: startDeno });
