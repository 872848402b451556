import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Target } from "./clients.ts";
import { type RedisClusterServers, startCluster } from "./cluster.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { algorithms, limitOf } from "./limits.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./server.ts";

describeWithRedis("8 processes with 200 concurrent requests each, their clocks up to 60 s off", () => {
  let redis: RedisServer;
  let cluster: RedisClusterServers;
  let fleet: Fleet;

  beforeAll(async () => {
    redis = await startRedis();
    cluster = await startCluster();
    fleet = startFleet();
  });
  afterAll(async () => {
    fleet?.close();
    await Promise.all([redis?.close(), cluster?.close()]);
  });

  const targets: Record<string, () => Target> = {
    "node-redis": () => ({ client: "node-redis", port: redis.port }),
    ioredis: () => ({ client: "ioredis", port: redis.port }),
    "node-redis on a cluster": () => ({ client: "node-redis cluster", ports: cluster.ports }),
    "ioredis on a cluster": () => ({ client: "ioredis cluster", ports: cluster.ports }),
  };

  describe.each(Object.entries(targets))("over %s", (_client, target) => {
    it.each(algorithms)("are admitted exactly 100 times of a %s limit of 100 an hour", async (algorithm) => {
      expect(await fleet.admitted(target(), limitOf(algorithm))).toBe(100);
    });
  });
});
