import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import type { RateLimitStore, Verdict } from "../../../src/rate-limit/store.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { connect } from "./clients.ts";
import { startCluster } from "./cluster.ts";
import { limitOf, someone, take } from "./limits.ts";
import { command, commandCounts, describeWithRedis, freePort, startRedis } from "./server.ts";

const limit = limitOf("gcra", { limit: 3 });

describeWithRedis("redisStore in an outage", () => {
  it.each(["node-redis", "ioredis"] as const)("goes on after the server was restarted, over %s", async (client) => {
    const server = await startRedis();
    try {
      const { store, close } = await connect({ client, port: server.port });
      try {
        await take(store, someone(), [limit]);
        await server.kill();
        await server.start();
        expect(await untilDecided(store)).toMatchObject([{ allowed: true, remaining: 2 }]);
      } finally {
        await close();
      }
    } finally {
      await server.close();
    }
  });

  it("goes on after a failover of the cluster, over node-redis and ioredis", async () => {
    const cluster = await startCluster({ withReplica: true });
    const { ports } = cluster;
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
        for (const identity of people) await untilDecided(store, identity);
      }
    } finally {
      await Promise.all(stores.map(({ close }) => close()));
      await cluster.close();
    }
  });

  it("runs nothing again but a script that the server does not know", async () => {
    const server = await startRedis();
    try {
      const { store, close } = await connect({ client: "node-redis", port: server.port });
      const identity = `NOSCRIPT ${someone()}`;
      await take(store, identity, [limit]);
      const key = String(((await command(server.port, "KEYS", "*")) as string[])[0]);
      await command(server.port, "DEL", key);
      await command(server.port, "LPUSH", key, "x");
      await command(server.port, "CONFIG", "RESETSTAT");
      await expect(take(store, identity, [limit])).rejects.toThrow("WRONGTYPE");
      const { evalsha, eval: evaluated } = await commandCounts(server.port);
      expect([evalsha, evaluated]).toEqual([1, undefined]);
      await close();
    } finally {
      await server.close();
    }
  });

  it("takes a command back that still waits for a connection when its signal aborts", async () => {
    const port = await freePort();
    const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: 50 } });
    client.on("error", () => undefined); // nobody listens there
    const connecting = client.connect().catch(() => undefined);
    const check = { identity: someone(), limit, cost: 1 };
    const decision = redisStore(client).consume([check], { nowMs: 0, signal: AbortSignal.timeout(50) });
    await expect(decision).rejects.toThrow();
    client.destroy();
    await connecting;
  });
});

describe("redisStore", () => {
  it("does no I/O before the first decision", () => {
    const client = createClient({ socket: { host: "127.0.0.1", port: 9 } });
    expect(redisStore(client).name).toBe("redis");
    expect(client.isOpen).toBe(false);
  });
});

/** Asks until the client has found its way: what it answers then is a decision. */
async function untilDecided(store: RateLimitStore, identity = someone()): Promise<readonly Verdict[]> {
  const endMs = Date.now() + 20_000;
  for (;;) {
    try {
      return await take(store, identity, [limit]);
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
