import { createServer, type Socket } from "node:net";
import { Redis as UpstashRedis } from "@upstash/redis";
import { Redis as IoRedis } from "ioredis";
import { createClient } from "redis";
import type { RateLimitStore } from "../../../src/index.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { upstashStore } from "../../../src/stores/upstash.ts";
import { command, freePort, startRedis } from "../redis/server.ts";
import { startUpstash, type UpstashFixture } from "../upstash/fixture.ts";

/** A store over a real client, and a way to break what it counts in. */
export interface World {
  readonly store: RateLimitStore;
  /** How many requests for decisions the other side got, where it can count them in an outage. */
  readonly requests?: () => number;
  readonly breakDown: () => Promise<void>;
  readonly repair: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export type RedisClient = "ioredis" | "node-redis";
export type RedisFault = "killed server" | "paused server" | "refused port" | "black hole";

interface Opened {
  readonly store: RateLimitStore;
  readonly close: () => void;
}

/** A store over a client that nobody waits for: it may never get a connection. */
export function openRedisStore(client: RedisClient, port: number): Opened {
  const host = "127.0.0.1";
  if (client === "ioredis") {
    const redis = new IoRedis(port, host, { retryStrategy: () => 20 });
    redis.on("error", () => undefined); // servers break in these tests
    return { store: redisStore(redis), close: () => redis.disconnect() };
  }
  const redis = createClient({ socket: { host, port, reconnectStrategy: 20 } });
  redis.on("error", () => undefined);
  redis.connect().catch(() => undefined);
  return { store: redisStore(redis), close: () => redis.destroy() };
}

/** A Redis with one of the faults that its host may have. */
export async function redisWorld(client: RedisClient, fault: RedisFault): Promise<World> {
  const server = await startRedis();
  const pid = await processId(server.port);
  const isDownFromTheStart = fault === "refused port" || fault === "black hole";
  if (isDownFromTheStart) await server.kill();
  const hole = fault === "black hole" ? await blackHole(server.port) : undefined;
  const opened = openRedisStore(client, server.port);
  return {
    store: opened.store,
    async breakDown() {
      if (fault === "killed server") await server.kill();
      if (fault === "paused server") process.kill(pid, "SIGSTOP");
    },
    async repair() {
      await hole?.close();
      if (fault === "paused server") process.kill(pid, "SIGCONT");
      else await server.start();
    },
    async close() {
      opened.close();
      await hole?.close();
      await server.close();
      if (isAlive(pid)) throw new Error("a redis-server was left");
    },
  };
}

export type UpstashFault = Exclude<UpstashFixture["fault"], "none"> | "killed server behind it";

/** Upstash with one of the faults that a service over HTTP may have. */
export async function upstashWorld(fault: UpstashFault): Promise<World> {
  const server = await startRedis();
  const upstash = await startUpstash(server.port);
  const redis = new UpstashRedis({ url: upstash.url, token: upstash.token, enableTelemetry: false });
  return {
    store: upstashStore(redis),
    requests: () => upstash.requests.length,
    async breakDown() {
      if (fault === "killed server behind it") await server.kill();
      else upstash.fault = fault;
    },
    async repair() {
      if (fault === "killed server behind it") await server.start();
      else upstash.fault = "none";
    },
    async close() {
      await upstash.close();
      await server.close();
    },
  };
}

/** Takes connections and never says a word. */
export async function blackHole(
  port?: number,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  const at = port ?? (await freePort());
  await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  return {
    port: at,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve()); // also when it is closed already
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function processId(port: number): Promise<number> {
  return Number(/process_id:(\d+)/.exec(String(await command(port, "INFO", "server")))?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
