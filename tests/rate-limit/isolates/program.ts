import { memoryStore, type PolicyEvent, policy, type RateLimitStore } from "../../../src/index.ts";

const downStore: RateLimitStore = {
  ...memoryStore(),
  timeoutMs: 250,
  consume: () => Promise.reject(new Error("down")),
};

/** Policies that count in memory: by their store, or while it is down. They are created at module scope, as on Workers. */
const events: PolicyEvent[] = [];
const policies = [memoryStore(), downStore].map((store) =>
  policy({ store, rateLimit: { limit: 2, windowSeconds: 60 }, onEvent: (event) => void events.push(event) }),
);

/** The warnings after five requests through each policy, with the statuses of the answers. */
export async function warnings(): Promise<{ readonly warnings: readonly unknown[]; readonly statuses: string }> {
  const statuses: number[] = [];
  for (const api of policies) {
    for (let count = 0; count < 5; count++) {
      const request = new Request("https://api.example.com/notes?secret");
      statuses.push((await api.run(request, { clientIp: "192.0.2.1" }, () => Response.json("ok"))).status);
    }
  }
  return { warnings: events.filter(({ type }) => type === "warning"), statuses: statuses.join(" ") };
}
