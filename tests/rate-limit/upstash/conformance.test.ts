import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, it } from "vitest";
import { upstashStore } from "../../../src/stores/upstash.ts";
import { testStore } from "../../../src/testing.ts";
import { describeWithRedis, type RedisServer, startRedis } from "../redis/server.ts";
import { startUpstash, type UpstashFixture } from "./fixture.ts";

describeWithRedis("upstashStore, by the suite for all stores", () => {
  let redis: RedisServer;
  let upstash: UpstashFixture;

  beforeAll(async () => {
    redis = await startRedis();
    upstash = await startUpstash(redis.port);
  });
  afterAll(async () => {
    await upstash?.close();
    await redis?.close();
  });

  testStore(() => upstashStore(new Redis({ url: upstash.url, token: upstash.token })), {
    test: it.concurrent,
    clock: "server",
  });
});
