import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import type { ServedContender, Server, Servers } from "./server.ts";
import { workerdCpu } from "./workerd-cpu.ts";

/** Serves each contender by a Worker of its own, all in one workerd, without Miniflare's own Worker before them. */
export async function startWorkers(file: string, contenders: readonly ServedContender[]): Promise<Servers> {
  const contents = readFileSync(file, "utf8");
  const miniflare = new Miniflare({
    cf: false,
    workers: contenders.map(({ stack, variant }, index) => ({
      name: `contender-${index}`,
      modules: [{ type: "ESModule", path: "worker.mjs", contents }],
      compatibilityDate: "2026-07-01",
      bindings: { stack, ...(variant !== undefined && { variant }) },
      unsafeDirectSockets: [{}],
    })),
  });
  await miniflare.ready;
  const threads = workerdCpu();
  const byName = new Map<string, Server>();
  for (const [index, { name }] of contenders.entries()) {
    const { port } = await miniflare.unsafeGetDirectURL(`contender-${index}`);
    byName.set(name, { port: Number(port), cpuMicros: async () => threads() });
  }
  return { byName, close: () => miniflare.dispose() };
}
