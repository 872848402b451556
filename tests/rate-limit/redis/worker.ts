import { policy } from "../../../src/index.ts";
import type { Limit, RateLimitStore } from "../../../src/rate-limit/store.ts";
import { connect, type Target } from "./clients.ts";

/** What the exactness test asks of a process. */
export interface Job {
  readonly target: Target;
  /** What is asked: the store itself, or a policy that has it. */
  readonly through: "store" | "policy";
  readonly identity: string;
  readonly limit: Limit;
  readonly requests: number;
  /** How far the clock of this process is from the true time. */
  readonly skewMs: number;
}

/** How often each answer came, or why it is not known. */
export type Result = { readonly answers: Readonly<Record<string, number>> } | { readonly error: string };

const open = new Map<string, ReturnType<typeof connect>>();

process.on("message", (job: Job) => {
  work(job).then(reply, (error: unknown) => reply({ error: String(error) }));
});

// While the servers still start.
await Promise.all([import("redis"), import("ioredis"), import("@upstash/redis")]);

async function work(job: Job): Promise<Result> {
  const connected = open.get(job.target.client) ?? connect(job.target);
  open.set(job.target.client, connected);
  const { store } = await connected;
  const ask = job.through === "store" ? askStore(store, job) : askPolicy(store, job);
  const answers: Record<string, number> = {};
  for (const answer of await Promise.all(Array.from({ length: job.requests }, ask))) {
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return { answers };
}

function askStore(store: RateLimitStore, { identity, limit, skewMs }: Job): () => Promise<string> {
  return async () => {
    const [verdict] = await store.consume([{ identity, limit, cost: 1 }], { nowMs: Date.now() + skewMs });
    return verdict?.allowed ? "admitted" : "refused";
  };
}

/** A busy machine is no outage here; if there is one, its answer is a 503. */
function askPolicy(store: RateLimitStore, { identity, limit }: Job): () => Promise<string> {
  const api = policy({
    store: { ...store, timeoutMs: 20_000 },
    rateLimit: {
      limit: limit.limit,
      windowSeconds: limit.windowMs / 1000,
      algorithm: limit.algorithm,
      by: () => identity,
      onUnavailable: "closed",
    },
  });
  const handler = (): Response => new Response("ok");
  return async () => String((await api.run(new Request("https://api.example.com/"), {}, handler)).status);
}

function reply(result: Result): void {
  process.send?.(result);
}
