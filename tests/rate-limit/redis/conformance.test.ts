import { afterAll, beforeAll, describe, it } from "vitest";
import { testStore } from "../../../src/testing.ts";
import { type ConnectedStore, connect } from "./clients.ts";
import { type RedisClusterServers, startCluster } from "./cluster.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./server.ts";

describeWithRedis("redisStore, by the suite for all stores", () => {
  let redis: RedisServer;
  let cluster: RedisClusterServers;
  const stores: Record<string, ConnectedStore> = {};

  beforeAll(async () => {
    redis = await startRedis();
    cluster = await startCluster();
    stores.ioredis = await connect({ client: "ioredis", port: redis.port });
    stores["node-redis on a cluster"] = await connect({ client: "node-redis cluster", ports: cluster.ports });
  });
  afterAll(async () => {
    await Promise.all(Object.values(stores).map(({ close }) => close()));
    await Promise.all([redis?.close(), cluster?.close()]);
  });

  describe.each(["ioredis", "node-redis on a cluster"])("over %s", (name) => {
    testStore(() => storeOf(stores[name]), { test: it.concurrent, clock: "server", operations: 300 });
  });
});

function storeOf(connected: ConnectedStore | undefined): ConnectedStore["store"] {
  if (connected === undefined) throw new Error("not connected");
  return connected.store;
}
