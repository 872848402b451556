import { afterAll, beforeAll } from "vitest";
import type { LimitCheck, Verdict } from "../../../../src/index.ts";
import { type RunningWorker, startWorker } from "../workerd.ts";

export interface Consumed {
  /** How many subrequests it took. */
  readonly calls: number;
  readonly verdicts: readonly (readonly Verdict[])[];
}

export interface StoredInObject {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly alarmMs: number | null;
}

/** Durable Objects in workerd, while the tests of a file run. */
export interface Objects {
  readonly worker: () => RunningWorker;
  readonly consume: (
    checks: readonly LimitCheck[],
    more?: { object?: string; times?: number; abortAfterMs?: number },
  ) => Promise<Consumed>;
  readonly consumeOne: (check: LimitCheck, object?: string) => Promise<Verdict | undefined>;
  /** What the object of an identity has in its storage. */
  readonly stored: (identity: string, object?: string) => Promise<StoredInObject>;
}

/** Starts them before the tests of a file, and ends them after. */
export function runObjects(): Objects {
  let running: RunningWorker | undefined;
  beforeAll(async () => {
    running = await startWorker("durable-object/worker.ts", {
      durableObjects: {
        WATCHED: { className: "Watched", useSQLite: true },
        WITHOUT_SQL: { className: "WithoutSql", useSQLite: false },
        HASTY: { className: "Hasty", useSQLite: true },
        FORGOTTEN: { className: "Forgotten", useSQLite: true },
        BROKEN: "Broken",
        SILENT: "Silent",
        FOREIGN: "Foreign",
        REFUSING: "Refusing",
      },
    });
  });
  afterAll(() => running?.stop());

  const worker = (): RunningWorker => {
    if (running === undefined) throw new Error("the worker runs only while tests do");
    return running;
  };
  const consume: Objects["consume"] = async (checks, more = {}) =>
    (await worker().ask("/consume", { checks, ...more })) as Consumed; // as the worker answers
  return {
    worker,
    consume,
    consumeOne: async (check, object = "WATCHED") => (await consume([check], { object })).verdicts[0]?.[0],
    stored: async (identity, object = "WATCHED") =>
      (await worker().ask("/stored", { identity, object })) as StoredInObject, // as the worker answers
  };
}

/** How many decisions admitted all of their checks. */
export function admitted({ verdicts }: Consumed): number {
  return verdicts.filter((decision) => decision.every(({ allowed }) => allowed)).length;
}
