import { createClient, type RedisClientType } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bySha1 } from "../../../src/rate-limit/script/by-sha1.ts";
import { Random } from "../../../src/testing/random.ts";
import { testStore } from "../../../src/testing.ts";
import { runs, timeoutMs } from "../../fuzz/support.ts";
import { differences } from "./differential.ts";
import { algorithms, someone } from "./limits.ts";
import { checkOf, limitsOf, pauseAfter } from "./random-use.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./server.ts";
import { type Ask, askOf, callerClockStore } from "./virtual-clock.ts";

const operations = 10 * runs;

describeWithRedis("the script, at times of the test's choosing", () => {
  let server: RedisServer;
  let client: RedisClientType;
  let ask: Ask;

  beforeAll(async () => {
    server = await startRedis();
    client = createClient({ socket: { host: "127.0.0.1", port: server.port } });
    client.on("error", () => undefined); // commands reject
    await client.connect();
    ask = askOf(
      bySha1(
        (sha1, keys, args) => client.evalSha(sha1, { keys, arguments: args }),
        (source, keys, args) => client.eval(source, { keys, arguments: args }),
      ),
    );
  });
  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });

  it.each(algorithms)(
    "says what the reducers say of %s, in every number, under any settings and in any history",
    async (algorithm) => {
      const found = await differences(ask, algorithm, operations);
      console.info(`${algorithm} on Redis: ${operations} operations, ${found.length} differ`);
      expect(found.slice(0, 3)).toEqual([]);
    },
    timeoutMs,
  );

  it.each(algorithms)(
    "admits under %s who waits retryAfterMs, and never who comes 2 ms earlier",
    async (algorithm) => {
      const lanes = Array.from({ length: 8 }, (_, lane) => obey(ask, new Random(lane), runs));
      const counts = await Promise.all(lanes);
      const refused = counts.reduce((sum, count) => sum + count, 0);
      console.info(`${algorithm} on Redis: ${refused} refused clients obeyed`);
      expect(refused).toBeGreaterThan(runs);

      async function obey(ask: Ask, random: Random, requests: number): Promise<number> {
        let waited = 0;
        let nowMs = 0;
        let limits = limitsOf(random, algorithm);
        let identity = someone();
        for (let count = 0; count < requests; count++) {
          if (count % 100 === 0) {
            nowMs = Date.now();
            limits = limitsOf(random, algorithm);
            identity = someone();
          }
          const check = { ...checkOf(random, limits, [identity]), peek: false };
          const [verdict] = await ask("consume", [check], nowMs);
          const { retryAfterMs = 0 } = verdict ?? {};
          if (retryAfterMs > 0 && retryAfterMs < Number.POSITIVE_INFINITY) {
            waited++;
            if (retryAfterMs > 2) {
              const early = await ask("consume", [check], nowMs + retryAfterMs - 2);
              expect(early, JSON.stringify({ check, nowMs, retryAfterMs })).toMatchObject([{ allowed: false }]);
            }
            nowMs += retryAfterMs;
            const inTime = await ask("consume", [check], nowMs);
            expect(inTime, JSON.stringify({ check, nowMs, retryAfterMs })).toMatchObject([{ allowed: true }]);
          } else nowMs += Math.max(0, pauseAfter(random, [], random.pick(limits).windowMs));
        }
        return waited;
      }
    },
    timeoutMs,
  );

  describe("by the suite for all stores", () => {
    testStore(() => callerClockStore(ask), { test: it, operations: runs });
  });
});
