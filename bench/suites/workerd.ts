import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Miniflare } from "miniflare";
import { contenders } from "../contenders/index.ts";
import { interleave, type Rounds, type Samples } from "../harness/measure.ts";

/** CPU per request of every contender inside workerd, taken from the kernel's account of its threads. */
export async function measureWorkerd(file: string, rounds: Rounds): Promise<Samples> {
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: readFileSync(file, "utf8") }],
    compatibilityDate: "2026-07-01",
    cf: false,
  });
  try {
    await ask(miniflare, "check");
    const pid = workerdOf(process.pid);
    return await interleave(contenders, rounds, async ({ name }, count) => {
      const before = threadMicros(pid);
      await ask(miniflare, `name=${encodeURIComponent(name)}&count=${count}`);
      return threadMicros(pid) - before;
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

/** The process that Miniflare started. */
function workerdOf(parent: number): number {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const [, name, ppid] = /^\d+ \((.*)\) \S (\d+)/.exec(readIfThere(`/proc/${entry}/stat`)) ?? [];
    if (name === "workerd" && Number(ppid) === parent) return Number(entry);
  }
  throw new Error("no workerd was found in /proc: this suite needs Linux");
}

function threadMicros(pid: number): number {
  let nanos = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    nanos += Number(readIfThere(`/proc/${pid}/task/${task}/schedstat`).split(" ", 1)[0]);
  }
  return nanos / 1000;
}

/** Processes and threads end between being listed and being read. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
