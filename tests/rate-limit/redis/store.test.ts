import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectedStore, connect } from "./clients.ts";
import { algorithms, limitOf, someone, take } from "./limits.ts";
import {
  command,
  commandCounts,
  describeWithRedis,
  dumpAll,
  immortalKeys,
  type RedisServer,
  startRedis,
} from "./server.ts";

const dayMs = 86_400_000;

describeWithRedis("redisStore", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => server?.close());

  describe.each(["node-redis", "ioredis"] as const)("over %s", (client) => {
    let connected: ConnectedStore;

    beforeAll(async () => {
      connected = await connect({ client, port: server.port });
    });
    afterAll(async () => connected?.close());

    it("says that it decides exactly and everything at once, within 250 ms", () => {
      expect(connected.store).toMatchObject({
        name: "redis",
        capabilities: { algorithms: [...algorithms], exact: true, atomic: true, remaining: true },
        timeoutMs: 250,
      });
    });

    it.each(algorithms)(
      "admits the limit of %s, tells what is left, and refuses with the time to wait",
      async (algorithm) => {
        const limit = limitOf(algorithm, { limit: 2, windowMs: 60_000 });
        const identity = someone();
        expect(await take(connected.store, identity, [limit])).toMatchObject([
          { allowed: true, remaining: 1, retryAfterMs: 0 },
        ]);
        expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: true, remaining: 0 }]);
        const [refused] = await take(connected.store, identity, [limit]);
        expect(refused).toMatchObject({ allowed: false, remaining: 0, resetMs: refused?.retryAfterMs });
        expect(refused?.retryAfterMs).toBeGreaterThan(0);
        expect(refused?.retryAfterMs).toBeLessThanOrEqual(120_000);
      },
    );

    it.each(algorithms)("never admits what costs more than the limit of %s", async (algorithm) => {
      const verdicts = await take(connected.store, someone(), [limitOf(algorithm, { limit: 5 })], 6);
      const never = Number.POSITIVE_INFINITY;
      expect(verdicts).toEqual([{ allowed: false, remaining: 5, retryAfterMs: never, resetMs: never }]);
    });

    it.each(algorithms)(
      "changes nothing when one of several %s limits refuses, nor when one is only looked at",
      async (algorithm) => {
        const limits = [1, 2, 10].map((limit) => limitOf(algorithm, { limit }));
        const identity = someone();
        await take(connected.store, identity, limits);
        const before = await dumpAll(server.port);
        const verdicts = await take(connected.store, identity, limits);
        expect(verdicts.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
          [false, 0],
          [true, 1],
          [true, 9],
        ]);
        const checks = limits.slice(1).map((limit) => ({ identity, limit, cost: 1, peek: true }));
        expect(await connected.store.consume(checks, { nowMs: 0 })).toMatchObject([{ remaining: 1 }, { remaining: 9 }]);
        expect(await dumpAll(server.port)).toEqual(before);
      },
    );

    it("decides several identities at once, all or nothing", async () => {
      const [limited, other] = [someone(), someone()];
      const limit = limitOf("gcra", { limit: 1 });
      await take(connected.store, limited, [limit]);
      const both = [other, limited].map((identity) => ({ identity, limit, cost: 1 }));
      expect(await connected.store.consume(both, { nowMs: 0 })).toMatchObject([
        { allowed: true, remaining: 1 },
        { allowed: false },
      ]);
      expect(await take(connected.store, other, [limit])).toMatchObject([{ allowed: true }]);
    });

    it("counts a bucket twice that is asked for twice in one call", async () => {
      const limit = limitOf("sliding-log", { limit: 3 });
      const identity = someone();
      expect(await take(connected.store, identity, [limit, limit])).toMatchObject([{ remaining: 2 }, { remaining: 1 }]);
      expect(await take(connected.store, identity, [limit, limit])).toMatchObject([
        { allowed: true },
        { allowed: false },
      ]);
      expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: true, remaining: 0 }]);
    });

    it.each(algorithms)("gives back and forgets under %s", async (algorithm) => {
      const limit = limitOf(algorithm, { limit: 5 });
      const identity = someone();
      await take(connected.store, identity, [limit], 5);
      await connected.store.refund?.([{ identity, limit, cost: 2 }], { nowMs: 0 });
      expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: true, remaining: 1 }]);
      await connected.store.reset?.([{ identity, limit }]);
      expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: true, remaining: 4 }]);
    });

    it.each([1, 3, 10])("sends one command for a decision about %i limits", async (count) => {
      const limits = Array.from({ length: count }, (_, index) =>
        limitOf(algorithms[index % 4] ?? "gcra", { limit: 100 + index }),
      );
      const identity = someone();
      await take(connected.store, identity, limits);
      await command(server.port, "CONFIG", "RESETSTAT");
      for (let round = 0; round < 5; round++) await take(connected.store, identity, limits);
      const counts = await commandCounts(server.port);
      expect(counts.evalsha).toBe(5);
      expect(counts.eval).toBeUndefined();
    });

    it.each([30, 365])("limits over a window of %i days", async (days) => {
      for (const algorithm of algorithms) {
        const limit = limitOf(algorithm, { limit: 2, windowMs: days * dayMs });
        const identity = someone();
        const outcomes = [];
        for (let count = 0; count < 4; count++) outcomes.push(...(await take(connected.store, identity, [limit])));
        expect(
          outcomes.map(({ allowed }) => allowed),
          algorithm,
        ).toEqual([true, true, false, false]);
        expect(outcomes[3]?.retryAfterMs, algorithm).toBeGreaterThan(60_000);
      }
    });

    it("goes on where the server forgets its scripts", async () => {
      const limit = limitOf("gcra", { limit: 3 });
      const identity = someone();
      for (const remaining of [2, 1, 0]) {
        await command(server.port, "SCRIPT", "FLUSH");
        expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: true, remaining }]);
      }
    });

    it.each([
      ["empty", ""],
      ["of braces", "{}"],
      ["with braces inside", "a}b{c"],
      ["with spaces and control characters", "with spaces\n\0"],
      ["beyond ASCII", "ключ 🔑"],
      ["that is no Unicode", "\ud800"],
      ["of 8 kB", "x".repeat(8192)],
      ["like a part of a key", "1:2:3"],
      ["like an error", "NOSCRIPT"],
    ])("keeps an identity %s apart from all others", async (_kind, identity) => {
      const limit = limitOf("fixed-window", { limit: 1, name: client });
      expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: true }]);
      expect(await take(connected.store, identity, [limit])).toMatchObject([{ allowed: false }]);
    });
  });

  it("gives every key a time to live", async () => {
    const { keys, immortal } = await immortalKeys(server.port);
    expect(keys.length).toBeGreaterThan(10);
    expect(immortal).toEqual([]);
  });
});
