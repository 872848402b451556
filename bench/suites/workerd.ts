import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import { contenders } from "../contenders/index.ts";
import { interleave, type Rounds, type Samples } from "../harness/measure.ts";
import { workerdCpu } from "../harness/workerd-cpu.ts";

/** CPU per request of every contender inside workerd, taken from the kernel's account of its threads. */
export async function measureWorkerd(file: string, rounds: Rounds): Promise<Samples> {
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: readFileSync(file, "utf8") }],
    compatibilityDate: "2026-07-01",
    cf: false,
  });
  try {
    await ask(miniflare, "check");
    const cpuMicros = workerdCpu();
    return await interleave(contenders, rounds, async ({ name }, count) => {
      const before = cpuMicros();
      await ask(miniflare, `name=${encodeURIComponent(name)}&count=${count}`);
      return cpuMicros() - before;
    });
  } finally {
    await miniflare.dispose();
  }
}

async function ask(miniflare: Miniflare, query: string): Promise<void> {
  const response = await miniflare.dispatchFetch(`http://localhost/?${query}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`workerd answered ${response.status} to ${query}: ${text}`);
}
