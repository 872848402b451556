import { expect, it } from "vitest";
import { type Identity, policy, type RateLimitStore, type RateLimits } from "../../../src/index.ts";
import { as, get, ok, recorder, silent, tokens } from "../../lib/harness.ts";
import { command, describeWithRedis, startRedis } from "../redis/server.ts";
import { at, expectCounted, timed, untilItDecides, watch } from "./support.ts";
import { blackHole, openRedisStore, redisWorld } from "./worlds.ts";

const twoSteps = [
  { name: "ip", limit: 10, windowSeconds: 3600 },
  { name: "user", limit: 4, windowSeconds: 3600, by: "identity" },
] as const;

describeWithRedis("an outage within one request", () => {
  it("costs one deadline: the limits by identity use the fallback at once", async () => {
    const world = await redisWorld("ioredis", "black hole");
    try {
      let asked = 0;
      const { events, onEvent } = recorder();
      const store: RateLimitStore = {
        ...world.store,
        consume(checks, options) {
          asked++;
          return world.store.consume(checks, options);
        },
      };
      const api = policy({ auth: tokens, store, rateLimit: twoSteps, onEvent });
      const startMs = performance.now();
      const response = await api.run(get("/", as("ann")), at, ok);
      expect(performance.now() - startMs).toBeLessThan(1000);
      expect([response.status, asked, events.length]).toEqual([200, 1, 1]);
      expect(response.headers.get("ratelimit")).toMatch(/^"ip";r=9;t=\d+, "user";r=3;t=\d+$/);
      expect(response.headers.get("x-ratelimit-limit")).toBe("4");
    } finally {
      await world.close();
    }
  });

  it("leaves the numbers of the step before, and closes in the step that needs it", async () => {
    const world = await redisWorld("node-redis", "black hole");
    try {
      const rateLimit: RateLimits<Identity<"token">> = [
        { ...twoSteps[0], onUnavailable: "open" },
        { ...twoSteps[1], onUnavailable: "closed" },
      ];
      const api = policy({ auth: tokens, store: world.store, rateLimit, onEvent: silent });
      const response = await api.run(get("/", as("ann")), at, ok);
      expect(response.status).toBe(503);
      expect(response.headers.get("ratelimit-policy")).toBe('"ip";q=10;w=3600');
      expect(response.headers.get("ratelimit")).toBeNull();
      expect(response.headers.get("x-ratelimit-limit")).toBeNull();
    } finally {
      await world.close();
    }
  });

  it("does not keep a request waiting for limits in report mode", async () => {
    const world = await redisWorld("ioredis", "black hole");
    try {
      const { events, onEvent } = recorder();
      const work: Promise<unknown>[] = [];
      const api = policy({
        store: world.store,
        rateLimit: { limit: 1, windowSeconds: 60, mode: "report", onUnavailable: "closed" },
        onEvent,
      });
      const startMs = performance.now();
      const response = await api.run(get(), { ...at, waitUntil: (promise) => void work.push(promise) }, ok);
      expect(performance.now() - startMs).toBeLessThan(200);
      expect(response.status).toBe(200);
      await Promise.all(work);
      expect(events).toMatchObject([{ type: "store_unavailable", error: { name: "TimeoutError" } }]);
    } finally {
      await world.close();
    }
  });
});

describeWithRedis("what is no outage", () => {
  it.each(["ioredis", "node-redis"] as const)("a flushed script, over %s, loses no decision", async (client) => {
    const server = await startRedis();
    const { store, close } = openRedisStore(client, server.port);
    try {
      await untilItDecides(store);
      const { api, events } = watch(store, "closed");
      for (let count = 0; count < 3; count++) {
        expectCounted((await timed(api)).response, "closed");
        await command(server.port, "SCRIPT", "FLUSH");
      }
      expect((await timed(api)).response.headers.get("x-ratelimit-remaining")).toBe("6");
      expect(events).toEqual([]);
    } finally {
      close();
      await server.close();
    }
  });

  it.each(["ioredis", "node-redis"] as const)("a restart, over %s, is over with the next decision", async (client) => {
    const server = await startRedis();
    const { store, close } = openRedisStore(client, server.port);
    try {
      await untilItDecides(store);
      const { api, events } = watch(store, "local");
      expectCounted((await timed(api)).response, "local");
      await server.kill();
      await server.start();
      await untilItDecides(store);
      expectCounted((await timed(api)).response, "local");
      expect(events).toEqual([]);
    } finally {
      close();
      await server.close();
    }
  });
});

it("a creator of stores and policies for a host that is down is not kept waiting", async () => {
  const hole = await blackHole();
  const { store, close } = openRedisStore("ioredis", hole.port);
  const startMs = performance.now();
  policy({ store, rateLimit: { limit: 1, windowSeconds: 1 }, onEvent: silent });
  expect(performance.now() - startMs).toBeLessThan(200);
  close();
  await hole.close();
});
