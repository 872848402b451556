import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bySha1 } from "../../../src/rate-limit/script/by-sha1.ts";
import { testStore } from "../../../src/testing.ts";
import { runs, timeoutMs } from "../../fuzz/support.ts";
import { differences } from "../redis/differential.ts";
import { algorithms } from "../redis/limits.ts";
import { describeWithRedis, type RedisServer, startRedis } from "../redis/server.ts";
import { type Ask, askOf, callerClockStore } from "../redis/virtual-clock.ts";
import { startUpstash, type UpstashFixture } from "./fixture.ts";

const operations = 4 * runs;

describeWithRedis("the script over Upstash, at times of the test's choosing", () => {
  let redis: RedisServer;
  let upstash: UpstashFixture;
  let ask: Ask;

  beforeAll(async () => {
    redis = await startRedis();
    upstash = await startUpstash(redis.port);
    const client = new Redis({ url: upstash.url, token: upstash.token });
    ask = askOf(
      bySha1(
        (sha1, keys, args) => client.evalsha(sha1, keys, args),
        (source, keys, args) => client.eval(source, keys, args),
      ),
    );
  });
  afterAll(async () => {
    await upstash?.close();
    await redis?.close();
  });

  it.each(algorithms)(
    "says what the reducers say of %s, in every number, under any settings and in any history",
    async (algorithm) => {
      const found = await differences(ask, algorithm, operations);
      console.info(`${algorithm} on Upstash: ${operations} operations, ${found.length} differ`);
      expect(found.slice(0, 3)).toEqual([]);
    },
    timeoutMs,
  );

  describe("by the suite for all stores", () => {
    testStore(() => callerClockStore(ask), { test: it, operations: runs });
  });
});
