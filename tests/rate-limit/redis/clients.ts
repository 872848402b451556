import type { RateLimitStore } from "../../../src/rate-limit/store.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { upstashStore } from "../../../src/stores/upstash.ts";

/** Where a store shall connect to. It goes to other processes, so it is plain data. */
export type Target =
  | { readonly client: "node-redis" | "ioredis"; readonly port: number }
  | { readonly client: "node-redis cluster" | "ioredis cluster"; readonly ports: readonly number[] }
  | { readonly client: "upstash"; readonly url: string; readonly token: string };

export interface ConnectedStore {
  readonly store: RateLimitStore;
  readonly close: () => Promise<void>;
}

const host = "127.0.0.1";

/** A store over a real client of that kind. Loads no other: eight processes do this at once. */
export async function connect(target: Target): Promise<ConnectedStore> {
  switch (target.client) {
    case "node-redis": {
      const { createClient } = await import("redis");
      const client = createClient({ socket: { host, port: target.port, reconnectStrategy: 20 } });
      client.on("error", () => undefined); // servers are killed in these tests
      await client.connect();
      return { store: redisStore(client), close: async () => client.destroy() };
    }
    case "ioredis": {
      const { Redis } = await import("ioredis");
      const client = new Redis(target.port, host, { retryStrategy: () => 20 });
      client.on("error", () => undefined);
      await client.ping();
      return { store: redisStore(client), close: async () => client.disconnect() };
    }
    case "node-redis cluster": {
      const { createCluster } = await import("redis");
      const client = createCluster({
        rootNodes: target.ports.map((port) => ({ socket: { host, port } })),
        defaults: { socket: { reconnectStrategy: 20 } },
        topologyRefreshOnReconnectionAttemptStrategy: 100, // 5 s by default
      });
      client.on("error", () => undefined);
      await client.connect();
      return { store: redisStore(client), close: async () => client.destroy() };
    }
    case "ioredis cluster": {
      const { Cluster } = await import("ioredis");
      const client = new Cluster(
        target.ports.map((port) => ({ host, port })),
        { slotsRefreshTimeout: 5000 },
      );
      client.on("error", () => undefined);
      await client.ping();
      return { store: redisStore(client), close: async () => client.disconnect() };
    }
    case "upstash": {
      const { Redis } = await import("@upstash/redis");
      const client = new Redis({ url: target.url, token: target.token, enableTelemetry: false });
      return { store: upstashStore(client), close: async () => undefined };
    }
  }
}
