import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { RateLimitStore } from "../../../src/rate-limit/store.ts";
import { upstashStore } from "../../../src/stores/upstash.ts";
import { algorithms, limitOf, someone, take } from "../redis/limits.ts";
import { command, describeWithRedis, dumpAll, immortalKeys, type RedisServer, startRedis } from "../redis/server.ts";
import { startUpstash, type UpstashFixture } from "./fixture.ts";

describeWithRedis("upstashStore over the real client", () => {
  let server: RedisServer;
  let upstash: UpstashFixture;
  let store: RateLimitStore;

  beforeAll(async () => {
    server = await startRedis();
    upstash = await startUpstash(server.port);
    store = upstashStore(new Redis({ url: upstash.url, token: upstash.token }));
  });
  afterAll(async () => {
    await upstash?.close();
    await server?.close();
  });
  beforeEach(() => {
    upstash.requests.length = 0;
  });

  it("says that it decides exactly and everything at once, within 250 ms", () => {
    expect(store).toMatchObject({
      name: "upstash",
      capabilities: { algorithms: [...algorithms], exact: true, atomic: true, remaining: true },
      timeoutMs: 250,
    });
  });

  it("sends nothing before the first decision", () => {
    upstashStore(new Redis({ url: upstash.url, token: upstash.token }));
    expect(upstash.requests).toEqual([]);
  });

  it("needs a second request only where the server does not know the script", async () => {
    const identity = someone();
    await command(server.port, "SCRIPT", "FLUSH");
    for (const remaining of [2, 1, 0]) {
      expect(await take(store, identity, [limitOf("gcra", { limit: 3 })])).toMatchObject([
        { allowed: true, remaining },
      ]);
    }
    expect(upstash.requests.map((commands) => commands[0]?.[0])).toEqual(["evalsha", "eval", "evalsha", "evalsha"]);
  });

  it.each([1, 3, 10])("sends one request with one command for a decision about %i limits", async (count) => {
    const limits = Array.from({ length: count }, (_, index) =>
      limitOf(algorithms[index % 4] ?? "gcra", { limit: 10 + index }),
    );
    const identity = someone();
    await take(store, identity, limits);
    upstash.requests.length = 0;
    for (let round = 0; round < 5; round++) await take(store, identity, limits);
    expect(upstash.requests.map((commands) => commands.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it("decides several identities in one request, all or nothing", async () => {
    const [limited, other] = [someone(), someone()];
    const limit = limitOf("sliding-log", { limit: 1 });
    await take(store, limited, [limit]);
    upstash.requests.length = 0;
    const both = [other, limited].map((identity) => ({ identity, limit, cost: 1 }));
    expect(await store.consume(both, { nowMs: 0 })).toMatchObject([
      { allowed: true, remaining: 1 },
      { allowed: false },
    ]);
    expect(upstash.requests).toHaveLength(1);
  });

  it.each(algorithms)("limits, changes nothing on refusal, gives back and forgets under %s", async (algorithm) => {
    const identity = someone();
    const limits = [1, 3].map((limit) => limitOf(algorithm, { limit, windowMs: 365 * 86_400_000 }));
    expect(await take(store, identity, limits)).toMatchObject([{ remaining: 0 }, { remaining: 2 }]);
    const before = await dumpAll(server.port);
    const [refused, untouched] = await take(store, identity, limits);
    expect(refused).toMatchObject({ allowed: false, remaining: 0, resetMs: refused?.retryAfterMs });
    expect(refused?.retryAfterMs).toBeGreaterThan(0);
    expect(untouched).toMatchObject({ allowed: true, remaining: 2 });
    expect(await dumpAll(server.port)).toEqual(before);
    const checks = limits.map((limit) => ({ identity, limit, cost: 1 }));
    await store.refund?.(checks, { nowMs: 0 });
    expect(await take(store, identity, limits)).toMatchObject([{ allowed: true, remaining: 0 }, { remaining: 2 }]);
    await store.reset?.(checks);
    expect(await take(store, identity, limits)).toMatchObject([{ allowed: true, remaining: 0 }, { remaining: 2 }]);
  });

  it.each(["{}", "with spaces\n", "ключ 🔑", "123", '["json"]', "\ud800"])(
    "keeps the identity %j apart",
    async (identity) => {
      const limit = limitOf("fixed-window", { limit: 1 });
      expect(await take(store, identity, [limit])).toMatchObject([{ allowed: true }]);
      expect(await take(store, identity, [limit])).toMatchObject([{ allowed: false }]);
    },
  );

  it.each([
    ["plain answers", { responseEncoding: false as const }],
    ["no automatic deserialization", { automaticDeserialization: false }],
    ["no pipelining of its own", { enableAutoPipelining: false }],
    ["latency logging off and no telemetry", { latencyLogging: false, enableTelemetry: false }],
  ])("works with a client that has %s", async (_what, options) => {
    const other = upstashStore(new Redis({ url: upstash.url, token: upstash.token, ...options }));
    expect(await take(other, someone(), [limitOf("gcra", { limit: 3 })])).toMatchObject([
      { allowed: true, remaining: 2 },
    ]);
  });

  it("works with a client over a requester of the user's own", async () => {
    const redis = new Redis({ url: upstash.url, token: upstash.token });
    const custom = new Redis({
      request: async ({ body }) => ({
        result: await (redis.evalsha as (...args: unknown[]) => Promise<never>)(...split(body)),
      }),
    });
    expect(await take(upstashStore(custom), someone(), [limitOf("gcra", { limit: 3 })])).toMatchObject([
      { remaining: 2 },
    ]);
  });

  it("gives every key a time to live", async () => {
    const { keys, immortal } = await immortalKeys(server.port);
    expect(keys.length).toBeGreaterThan(10);
    expect(immortal).toEqual([]);
  });
});

/** A command EVALSHA as its parts. */
function split(body: unknown): [unknown, unknown[], unknown[]] {
  const [, sha1, count, ...rest] = body as unknown[];
  return [sha1, rest.slice(0, Number(count)), rest.slice(Number(count))];
}
