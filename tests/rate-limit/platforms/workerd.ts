import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare, type WorkerOptions } from "miniflare";
import { vi } from "vitest";
import { type Send, sendTo } from "../../runtimes/client.ts";

/** A Worker that runs in workerd. */
export interface RunningWorker {
  readonly url: string;
  readonly send: Send;
  /** Posts JSON to a path, and gives the JSON of the answer; throws what the Worker says when it failed. */
  readonly ask: (path: string, body?: unknown) => Promise<unknown>;
  /** Ends the process, and starts another one on the same storage. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Bundles a file of this folder from the sources, and runs it in workerd, with storage in a folder of its own. */
export async function startWorker(file: string, options: Partial<WorkerOptions>): Promise<RunningWorker> {
  const script = await bundle(file);
  // Miniflare does not always take its folder away, so it gets one that is ours to remove.
  const folder = await mkdtemp(join(tmpdir(), "mantlet-workerd-"));
  const start = async (): Promise<{ readonly workers: Miniflare; readonly url: string }> => {
    vi.stubEnv("TMPDIR", folder);
    const workers = new Miniflare({
      cf: false,
      compatibilityDate: "2026-07-01",
      durableObjectsPersist: join(folder, "objects"),
      host: "127.0.0.1",
      modules: [{ type: "ESModule", path: "worker.mjs", contents: script }],
      ...options,
    });
    vi.unstubAllEnvs();
    try {
      return { workers, url: (await workers.ready).href };
    } catch (error) {
      await workers.dispose();
      throw error;
    }
  };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  let running = await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    get url() {
      return running.url;
    },
    send: (path, sent) => sendTo(running.url)(path, sent),
    async ask(path, body = {}) {
      const response = await sendTo(running.url)(path, { method: "POST", body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return JSON.parse(text);
    },
    async restart() {
      await running.workers.dispose();
      running = await start();
    },
    async stop() {
      await running.workers.dispose();
      await remove();
    },
  };
}

/** What a user's bundler makes of it. */
async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
