import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** CPU time of the workerd that Miniflare has started in this process, in µs, from the kernel's account of its threads. */
export function workerdCpu(): () => number {
  const pid = workerdOf(process.pid);
  return () => threadMicros(pid);
}

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
