import { afterAll, beforeAll, it } from "vitest";
import { testStore } from "../../../src/testing.ts";
import { type ConnectedStore, connect } from "./clients.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./server.ts";

describeWithRedis("redisStore over ioredis, by the suite for all stores", () => {
  let redis: RedisServer;
  let connected: ConnectedStore;

  beforeAll(async () => {
    redis = await startRedis();
    connected = await connect({ client: "ioredis", port: redis.port });
  });
  afterAll(async () => {
    await connected?.close();
    await redis?.close();
  });

  testStore(() => connected.store, { test: it.concurrent, clock: "server" });
});
