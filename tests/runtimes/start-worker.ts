import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { vi } from "vitest";
import { bundle } from "./bundle.ts";
import { sendTo } from "./client.ts";
import type { Running } from "./conformance.ts";

/** Starts a worker in workerd, which behaves as it did on that date. */
export async function startWorker(file: string, compatibilityDate = "2026-07-01"): Promise<Running> {
  const contents = await bundle(file);
  // Miniflare does not always take its folder away, so it gets one that is ours to remove.
  const folder = await mkdtemp(join(tmpdir(), "mantlet-workerd-"));
  vi.stubEnv("TMPDIR", folder);
  const workers = new Miniflare({
    cf: { colo: "ZRH" },
    compatibilityDate,
    host: "127.0.0.1",
    modules: [{ type: "ESModule", path: "worker.mjs", contents }],
  });
  vi.unstubAllEnvs();
  const stop = async (): Promise<void> => {
    await workers.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  try {
    const url = (await workers.ready).href;
    return { url, send: sendTo(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
