import type { Limit } from "../../../src/rate-limit/store.ts";
import { connect, type Target } from "./clients.ts";

/** What the exactness test asks of a process. */
export interface Job {
  readonly target: Target;
  readonly identity: string;
  readonly limit: Limit;
  readonly requests: number;
  /** How far the clock of this process is from the true time. */
  readonly skewMs: number;
}

/** How many were admitted, or why it is not known. */
export type Result = { readonly admitted: number } | { readonly error: string };

const open = new Map<string, ReturnType<typeof connect>>();

process.on("message", (job: Job) => {
  work(job).then(answer, (error: unknown) => answer({ error: String(error) }));
});

async function work({ target, identity, limit, requests, skewMs }: Job): Promise<Result> {
  const connected = open.get(target.client) ?? connect(target);
  open.set(target.client, connected);
  const { store } = await connected;
  const decide = async (): Promise<boolean> => {
    const [verdict] = await store.consume([{ identity, limit, cost: 1 }], { nowMs: Date.now() + skewMs });
    return verdict?.allowed === true;
  };
  const outcomes = await Promise.all(Array.from({ length: requests }, decide));
  return { admitted: outcomes.filter(Boolean).length };
}

function answer(result: Result): void {
  process.send?.(result);
}
