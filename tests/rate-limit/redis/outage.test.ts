import { createClient } from "redis";
import { describe, expect, it } from "vitest";
import { redisStore } from "../../../src/stores/redis.ts";
import { connect } from "./clients.ts";
import { limitOf, someone, take, takeSoon } from "./limits.ts";
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
        expect(await takeSoon(store, someone(), [limit])).toMatchObject([{ allowed: true, remaining: 2 }]);
      } finally {
        await close();
      }
    } finally {
      await server.close();
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
