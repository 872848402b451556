import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { vi } from "vitest";
import { startProcess } from "../../runtimes/spawn.ts";
import type { IdentityProvider } from "../identity-provider/identity-provider.ts";

/** The application of `servers/handler.ts`, running somewhere. */
export interface Running {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export type Runtime = "Node" | "Bun" | "Deno" | "workerd" | "workerd of 2024";

/** The compatibility dates of Workers. Before October 2024 whoever waited for another request's I/O waited for ever. */
const compatibilityDates: Readonly<Record<string, string>> = {
  workerd: "2026-07-01",
  "workerd of 2024": "2024-09-01",
};

/** Starts the application on a real runtime, with the keys of this provider. */
export function start(
  runtime: Runtime,
  { issuer, jwksUrl }: Pick<IdentityProvider, "issuer" | "jwksUrl">,
): Promise<Running> {
  if (runtime === "Node") return startHere("node", [pathOf("servers/node.ts"), issuer, jwksUrl]);
  if (runtime === "Bun") return startHere("bun", ["run", "--no-install", pathOf("servers/bun.ts"), issuer, jwksUrl]);
  if (runtime === "Deno") return startDeno(issuer, jwksUrl);
  return startWorkerd(issuer, jwksUrl, compatibilityDates[runtime] ?? "");
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** The server in one file, with jose in it. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [pathOf(entry)],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

async function startHere(
  executable: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const { url = "", stop } = await startProcess(executable, args, env);
  return { url, stop };
}

/** Gives `begin` a folder that is removed when what it started has ended. */
async function inFolder(begin: (folder: string) => Promise<Running>): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "mantlet-key-sets-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  try {
    const { url, stop } = await begin(folder);
    return { url, stop: () => stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

function startDeno(issuer: string, jwksUrl: string): Promise<Running> {
  return inFolder(async (folder) => {
    const file = join(folder, "server.js");
    await writeFile(file, await bundle("servers/deno.ts"));
    const flags = ["--allow-net=127.0.0.1", "--no-remote", "--no-npm", "--no-lock", "--no-config"];
    const env = { DENO_DIR: join(folder, "cache"), DENO_NO_UPDATE_CHECK: "1" };
    return startHere("deno", ["run", ...flags, file, issuer, jwksUrl], env);
  });
}

function startWorkerd(issuer: string, jwksUrl: string, compatibilityDate: string): Promise<Running> {
  return inFolder(async (folder) => {
    const contents = await bundle("servers/worker.ts");
    vi.stubEnv("TMPDIR", folder); // Miniflare does not always take its own away
    const workers = new Miniflare({
      cf: false,
      compatibilityDate,
      host: "127.0.0.1",
      bindings: { ISSUER: issuer, JWKS: jwksUrl },
      modules: [{ type: "ESModule", path: "worker.mjs", contents }],
    });
    vi.unstubAllEnvs();
    try {
      return { url: (await workers.ready).href, stop: () => workers.dispose() };
    } catch (error) {
      await workers.dispose();
      throw error;
    }
  });
}
