import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startUpstash, type UpstashFixture } from "../upstash/fixture.ts";
import type { Target } from "./clients.ts";
import { type RedisClusterServers, startCluster } from "./cluster.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { algorithms, limitOf } from "./limits.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./server.ts";

describeWithRedis("8 processes with 200 concurrent requests each, their clocks up to 60 s off", () => {
  let redis: RedisServer;
  let upstash: UpstashFixture;
  let cluster: RedisClusterServers;
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = startFleet();
    [redis, cluster] = await Promise.all([startRedis(), startCluster()]);
    upstash = await startUpstash(redis.port);
  });
  afterAll(async () => {
    fleet?.close();
    await upstash?.close();
    await Promise.all([redis?.close(), cluster?.close()]);
  });

  const targets: Record<string, () => Target> = {
    "node-redis": () => ({ client: "node-redis", port: redis.port }),
    "node-redis on a cluster": () => ({ client: "node-redis cluster", ports: cluster.ports }),
    "ioredis on a cluster": () => ({ client: "ioredis cluster", ports: cluster.ports }),
    Upstash: () => ({ client: "upstash", url: upstash.url, token: upstash.token }),
  };

  describe.each(Object.entries(targets))("over %s", (_client, target) => {
    it.each(algorithms)("are admitted exactly 100 times of a %s limit of 100 an hour", async (algorithm) => {
      const answers = await fleet.answers({ target: target(), through: "store", limit: limitOf(algorithm) });
      expect(answers).toEqual({ admitted: 100, refused: 1500 });
    });
  });

  it.each(algorithms)(
    "get exactly 100 answers of a policy over ioredis with a %s limit of 100 an hour",
    async (algorithm) => {
      const target: Target = { client: "ioredis", port: redis.port };
      const answers = await fleet.answers({ target, through: "policy", limit: limitOf(algorithm) });
      expect(answers).toEqual({ 200: 100, 429: 1500 });
    },
  );
});
