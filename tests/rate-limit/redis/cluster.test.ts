import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LimitCheck } from "../../../src/rate-limit/store.ts";
import { testStore } from "../../../src/testing.ts";
import { type ConnectedStore, connect } from "./clients.ts";
import { type RedisClusterServers, startCluster } from "./cluster.ts";
import { algorithms, limitOf, someone, take, takeSoon } from "./limits.ts";
import { command, commandCounts, describeWithRedis, immortalKeys } from "./server.ts";

describeWithRedis("redisStore on a Redis Cluster of three masters and a replica", () => {
  let cluster: RedisClusterServers;
  let masters: readonly number[];

  beforeAll(async () => {
    cluster = await startCluster({ withReplica: true });
    masters = cluster.ports.slice(0, 3);
  });
  afterAll(async () => cluster?.close());

  describe.each(["node-redis cluster", "ioredis cluster"] as const)("over %s", (client) => {
    let connected: ConnectedStore;

    beforeAll(async () => {
      connected = await connect({ client, ports: cluster.ports });
    });
    afterAll(async () => connected?.close());

    const consume = async (...checks: readonly LimitCheck[]): Promise<(readonly [boolean, number | null])[]> => {
      const verdicts = await connected.store.consume(checks, { nowMs: 0 });
      return verdicts.map(({ allowed, remaining }) => [allowed, remaining] as const);
    };

    it("says that it decides one identity at a time", () => {
      expect(connected.store.capabilities).toMatchObject({ exact: true, atomic: false });
    });

    it.each([1, 3, 10])("sends one command for a decision about %i limits of one identity", async (count) => {
      const limits = Array.from({ length: count }, (_, index) =>
        limitOf(algorithms[index % 4] ?? "gcra", { limit: 100 + index }),
      );
      const identity = someone();
      await take(connected.store, identity, limits);
      await Promise.all(masters.map((port) => command(port, "CONFIG", "RESETSTAT")));
      for (let round = 0; round < 5; round++) await take(connected.store, identity, limits);
      const counts = await Promise.all(masters.map(commandCounts));
      expect(counts.reduce((sum, { evalsha = 0, eval: evaluated = 0 }) => sum + evalsha + evaluated, 0)).toBe(5);
    });

    it.each(algorithms)("gives back what other identities took when one is refused under %s", async (algorithm) => {
      const [first, limited, last] = [someone(), someone(), someone()];
      const limit = limitOf(algorithm, { limit: 1 });
      const wide = limitOf(algorithm, { limit: 5 });
      await take(connected.store, limited, [limit]);
      await take(connected.store, first, [wide]);
      const before = await Promise.all(masters.map(keysOf));
      const checks = [
        { identity: first, limit: wide, cost: 1 },
        { identity: limited, limit, cost: 1 },
        { identity: last, limit, cost: 1 },
        { identity: first, limit, cost: 1 },
      ];
      expect(await consume(...checks)).toEqual([
        [true, 4],
        [false, 0],
        [true, 1],
        [true, 1],
      ]);
      // A refund leaves the same numbers, though a log forgets when exactly they were taken.
      expect(await Promise.all(masters.map(keysOf))).toEqual(before);
      expect(await consume({ identity: first, limit: wide, cost: 4 })).toEqual([[true, 0]]);
    });

    it("tells every limit that refuses, also of an identity that was not reached", async () => {
      const limit = limitOf("gcra", { limit: 1 });
      const people = [someone(), someone(), someone()];
      const checks = people.map((identity) => ({ identity, limit, cost: 1 }));
      expect(await consume(...checks)).toEqual([
        [true, 0],
        [true, 0],
        [true, 0],
      ]);
      expect(await consume(...checks)).toEqual([
        [false, 0],
        [false, 0],
        [false, 0],
      ]);
    });

    it("gives back and forgets for identities on different nodes", async () => {
      const limit = limitOf("fixed-window", { limit: 2 });
      const checks = Array.from({ length: 6 }, () => ({ identity: someone(), limit, cost: 2 }));
      await consume(...checks);
      await connected.store.refund?.(
        checks.map((check) => ({ ...check, cost: 1 })),
        { nowMs: 0 },
      );
      expect(await consume(...checks.map((check) => ({ ...check, cost: 1 })))).toEqual(checks.map(() => [true, 0]));
      await connected.store.reset?.(checks);
      expect(await consume(...checks)).toEqual(checks.map(() => [true, 0]));
    });
  });

  describe("by the suite for all stores", () => {
    let connected: ConnectedStore;

    beforeAll(async () => {
      connected = await connect({ client: "node-redis cluster", ports: cluster.ports });
    });
    afterAll(async () => connected?.close());

    testStore(() => connected.store, { test: it.concurrent, clock: "server" });
  });

  it("gives every key a time to live", async () => {
    for (const port of masters) {
      const { keys, immortal } = await immortalKeys(port);
      expect(keys.length).toBeGreaterThan(0);
      expect(immortal).toEqual([]);
    }
  });

  it("goes on after a failover, over node-redis and ioredis", async () => {
    const { ports } = cluster;
    const limit = limitOf("gcra", { limit: 3 });
    const stores = await Promise.all([
      connect({ client: "node-redis cluster", ports }),
      connect({ client: "ioredis cluster", ports }),
    ]);
    try {
      const people = Array.from({ length: 12 }, someone);
      for (const { store } of stores) for (const identity of people) await take(store, identity, [limit]);
      await command(ports[3] ?? 0, "CLUSTER", "FAILOVER", "FORCE");
      await cluster.nodes[0]?.kill();
      for (const { store } of stores) {
        for (const identity of people) expect(await takeSoon(store, identity, [limit])).toHaveLength(1);
      }
    } finally {
      await Promise.all(stores.map(({ close }) => close()));
    }
  });
});

async function keysOf(port: number): Promise<readonly string[]> {
  return ((await command(port, "KEYS", "*")) as string[]).sort();
}
