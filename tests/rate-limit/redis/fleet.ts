import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { someone } from "./limits.ts";
import type { Job, Result } from "./worker.ts";

/** One for each process: hardly a clock is right, and they are up to two minutes apart. */
const skewsMs = [0, 5000, -5000, 60_000, -60_000, 0, 5000, -60_000];
const requestsEach = 200;

/** 8 processes that ask 200 times each at once, their clocks up to 60 s off. */
export interface Fleet {
  /** How often the 1600 requests of somebody new got each answer. */
  readonly answers: (job: Pick<Job, "target" | "through" | "limit">) => Promise<Readonly<Record<string, number>>>;
  readonly close: () => void;
}

export function startFleet(): Fleet {
  const processes = skewsMs.map((skewMs) => ({
    child: fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), { stdio: "inherit" }),
    skewMs,
  }));
  return {
    async answers(job) {
      const identity = someone();
      const results = await Promise.all(
        processes.map(({ child, skewMs }) => ask(child, { ...job, identity, requests: requestsEach, skewMs })),
      );
      return sum(results);
    },
    close() {
      for (const { child } of processes) child.kill();
    },
  };
}

function ask(child: ChildProcess, job: Job): Promise<Result> {
  return new Promise((resolve) => {
    child.once("message", (message) => resolve(message as Result)); // what worker.ts sends
    child.send(job);
  });
}

function sum(results: readonly Result[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const result of results) {
    if ("error" in result) throw new Error(result.error);
    for (const [answer, count] of Object.entries(result.answers)) total[answer] = (total[answer] ?? 0) + count;
  }
  return total;
}
