import { expect, it } from "vitest";
import { type PolicyEvent, policy, type RateLimitStore } from "../../../src/index.ts";
import { get, ok, recorder } from "../../lib/harness.ts";
import { connect } from "./clients.ts";
import { type RedisClusterServers, startCluster } from "./cluster.ts";
import { command, describeWithRedis, until } from "./server.ts";

/** With the deadline of 250 ms, a busy machine included. */
const longestDecisionMs = 1000;
const limit = 20;
const localShare = 0.25;
/** How often each address comes before the outage. */
const taken = 3;
const addresses: readonly string[] = Array.from({ length: 24 }, (_, index) => `192.0.2.${100 + index}`);

describeWithRedis("a policy over a Redis Cluster whose master is killed", () => {
  it("decides by the deadline, tells of the outage, and counts exactly again after the replica was promoted", async ({
    annotate,
  }) => {
    const cluster = await startCluster({ withReplica: true });
    const { ports } = cluster;
    const stores = await Promise.all([
      connect({ client: "node-redis cluster", ports }),
      connect({ client: "ioredis cluster", ports }),
    ]);
    try {
      const watched = [watch("node-redis", stores[0].store), watch("ioredis", stores[1].store)];
      for (const one of watched) await countBefore(one);
      await killFirstMaster(cluster);
      await Promise.all(watched.map(async (one) => annotate(await liveThrough(one, ports))));
      expect(await replicationOf(ports[3])).toContain("role:master");
      await new Promise((resolve) => setTimeout(resolve, 500)); // for what a client still sends late
      for (const one of watched) await countAfter(one, ports);
    } finally {
      await Promise.all(stores.map(({ close }) => close()));
      await cluster.close();
    }
  });
});

/** A policy over the cluster, and what its clients and its operator see. */
interface Watched {
  readonly name: string;
  readonly events: readonly PolicyEvent[];
  readonly request: (clientIp: string | undefined) => Promise<Seen>;
}

interface Seen {
  readonly status: number;
  readonly quota: number;
  readonly remaining: number;
  readonly ms: number;
}

function watch(name: string, store: RateLimitStore): Watched {
  const { events, onEvent } = recorder();
  const api = policy({ store, rateLimit: { name, limit, windowSeconds: 86_400, localShare }, onEvent });
  const request = async (clientIp: string | undefined): Promise<Seen> => {
    const startMs = performance.now();
    const { status, headers } = await api.run(get(), { clientIp }, ok);
    const ms = performance.now() - startMs;
    const number = (field: string): number => Number(headers.get(field));
    return { status, quota: number("x-ratelimit-limit"), remaining: number("x-ratelimit-remaining"), ms };
  };
  return { name, events, request };
}

async function countBefore({ request, events }: Watched): Promise<void> {
  for (const address of addresses) {
    for (let nth = 1; nth <= taken; nth++)
      expect(await request(address)).toMatchObject({ status: 200, quota: limit, remaining: limit - nth });
  }
  expect(events).toEqual([]);
}

async function killFirstMaster({ nodes, ports: [first, , , replica] }: RedisClusterServers): Promise<void> {
  const offset = async (port?: number): Promise<unknown> =>
    /master_repl_offset:(\d+)/.exec(await replicationOf(port))?.[1];
  await until(async () => (await offset(first)) === (await offset(replica)), "the replica did not get everything");
  await nodes[0]?.kill();
}

async function replicationOf(port = 0): Promise<string> {
  return String(await command(port, "INFO", "replication"));
}

/** The first address whose bucket is on that node. Keys are readable without a `keySecret`. */
async function addressOn(port = 0, { name }: Watched): Promise<string | undefined> {
  const keys = ((await command(port, "KEYS", "*")) as string[]).filter((key) => key.includes(name));
  return addresses.find((address) => keys.some((key) => key.includes(address)));
}

/** One client whose bucket was on the killed node asks until the breaker has closed again. */
async function liveThrough(watched: Watched, [, , , replica]: readonly number[]): Promise<string> {
  const { name, request, events } = watched;
  const address = await addressOn(replica, watched);
  const seen: Seen[] = [];
  const startMs = performance.now();
  const asked = async (): Promise<boolean> => {
    seen.push(await request(address));
    return events.some(({ type }) => type === "store_recovered");
  };
  await until(asked, "the store did not recover", 30_000);
  const slowestMs = Math.max(...seen.map(({ ms }) => ms));
  expect(slowestMs).toBeLessThan(longestDecisionMs);

  const local = seen.slice(0, -1);
  expect(local.filter(({ quota }) => quota !== limit * localShare)).toEqual([]);
  expect(local.filter(({ status }) => status === 200)).toHaveLength(limit * localShare);
  const pauses = events.flatMap((event) => (event.type === "store_unavailable" ? [event.pauseMs] : []));
  expect(pauses).toEqual([undefined, undefined, ...pauses.slice(2).map((_, nth) => 1000 * 2 ** nth)]);
  expect(seen.at(-1)).toMatchObject({ status: 200, quota: limit });
  const late = limit - taken - 1 - (seen.at(-1)?.remaining ?? 0);
  expect(late).toBeGreaterThanOrEqual(0);
  // ioredis takes no signal: what it could not send by the deadline, it may send to the new master.
  expect(late).toBeLessThanOrEqual(name === "ioredis" ? pauses.length : 0);
  return `${name}: ${seen.length} decisions in ${Math.round(performance.now() - startMs)} ms, the slowest ${Math.round(slowestMs)} ms`;
}

/** What is left is what the store knew before the outage: on the node that was promoted, and on one that was spared. */
async function countAfter(watched: Watched, [, spared, , promoted]: readonly number[]): Promise<void> {
  const { request, events } = watched;
  const before = events.length;
  for (const port of [promoted, spared]) {
    const address = await addressOn(port, watched);
    const left = (await request(address)).remaining;
    const answers = await Promise.all(Array.from({ length: 40 }, () => request(address)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(left);
    expect(answers.filter(({ status, quota }) => status === 429 && quota === limit)).toHaveLength(40 - left);
    if (port === spared) expect(left).toBe(limit - taken - 1);
  }
  expect(new Set(events.slice(before).map(({ type }) => type))).toEqual(new Set(["limited"]));
}
