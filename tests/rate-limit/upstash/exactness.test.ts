import { afterAll, beforeAll, expect, it } from "vitest";
import { type Fleet, startFleet } from "../redis/fleet.ts";
import { algorithms, limitOf } from "../redis/limits.ts";
import { describeWithRedis, type RedisServer, startRedis } from "../redis/server.ts";
import { startUpstash, type UpstashFixture } from "./fixture.ts";

describeWithRedis("8 processes with 200 concurrent requests each over Upstash, their clocks up to 60 s off", () => {
  let redis: RedisServer;
  let upstash: UpstashFixture;
  let fleet: Fleet;

  beforeAll(async () => {
    redis = await startRedis();
    upstash = await startUpstash(redis.port);
    fleet = startFleet();
  });
  afterAll(async () => {
    fleet?.close();
    await upstash?.close();
    await redis?.close();
  });

  it.each(algorithms)("are admitted exactly 100 times of a %s limit of 100 an hour", async (algorithm) => {
    const { url, token } = upstash;
    expect(await fleet.admitted({ client: "upstash", url, token }, limitOf(algorithm))).toBe(100);
  });
});
