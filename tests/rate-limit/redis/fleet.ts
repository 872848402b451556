import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Limit } from "../../../src/rate-limit/store.ts";
import type { Target } from "./clients.ts";
import { someone } from "./limits.ts";
import type { Job, Result } from "./worker.ts";

/** One for each process: hardly a clock is right, and they are up to two minutes apart. */
const skewsMs = [0, 5000, -5000, 60_000, -60_000, 0, 5000, -60_000];
const requestsEach = 200;

/** 8 processes that ask a store 200 times each at once, their clocks up to 60 s off. */
export interface Fleet {
  /** How many of the 1600 requests were admitted. */
  readonly admitted: (target: Target, limit: Limit) => Promise<number>;
  readonly close: () => void;
}

export function startFleet(): Fleet {
  const processes = skewsMs.map(() =>
    fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), { stdio: "inherit" }),
  );
  return {
    admitted: (target, limit) => admittedOf(processes, target, limit),
    close() {
      for (const child of processes) child.kill();
    },
  };
}

async function admittedOf(processes: readonly ChildProcess[], target: Target, limit: Limit): Promise<number> {
  const identity = someone();
  const results = await Promise.allSettled(
    processes.map((child, index) =>
      ask(child, { target, identity, limit, requests: requestsEach, skewMs: skewsMs[index] ?? 0 }),
    ),
  );
  return results.reduce((sum, result) => {
    if (result.status === "rejected") throw result.reason;
    return sum + result.value;
  }, 0);
}

async function ask(child: ChildProcess, job: Job): Promise<number> {
  const result = await new Promise<Result>((resolve) => {
    child.once("message", (message) => resolve(message as Result)); // what worker.ts sends
    child.send(job);
  });
  if ("error" in result) throw new Error(result.error);
  return result.admitted;
}
