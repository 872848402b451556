import { Redis } from "@upstash/redis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { RateLimitStore } from "../../../src/rate-limit/store.ts";
import { upstashStore } from "../../../src/stores/upstash.ts";
import { limitOf, someone, take } from "../redis/limits.ts";
import { describeWithRedis, freePort, type RedisServer, startRedis } from "../redis/server.ts";
import { startUpstash, type UpstashFixture } from "./fixture.ts";

const limit = limitOf("gcra", { limit: 10 });

describeWithRedis("upstashStore in an outage, with a client that retries 5 times by default", () => {
  let server: RedisServer;
  let upstash: UpstashFixture;
  let store: RateLimitStore;

  beforeAll(async () => {
    server = await startRedis();
    upstash = await startUpstash(server.port);
    store = upstashStore(new Redis({ url: upstash.url, token: upstash.token }));
    await take(store, someone(), [limit]);
  });
  afterAll(async () => {
    await upstash?.close();
    await server?.close();
  });
  beforeEach(() => {
    upstash.requests.length = 0;
  });
  afterEach(() => {
    upstash.fault = "none";
  });

  it("counts once where the answer of a decision is lost", async () => {
    const identity = someone();
    upstash.fault = "cut";
    await expect(take(store, identity, [limit])).rejects.toThrow("fetch failed");
    upstash.fault = "none";
    expect(upstash.requests).toHaveLength(1);
    expect(await take(store, identity, [limit])).toMatchObject([{ allowed: true, remaining: 8 }]);
  });

  it("leaves the retries of the client's other commands as they are", async () => {
    const redis = new Redis({ url: upstash.url, token: upstash.token, retry: { retries: 2, backoff: () => 1 } });
    upstashStore(redis);
    upstash.fault = "cut";
    await expect(redis.get("x")).rejects.toThrow("fetch failed");
    expect(upstash.requests).toHaveLength(3);
  });

  it("ends the request when its signal aborts, and takes that for no decision", async () => {
    upstash.fault = "silent";
    const startMs = performance.now();
    const check = { identity: someone(), limit, cost: 1 };
    await expect(store.consume([check], { nowMs: 0, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(upstash.requests).toHaveLength(1);
  });

  it("takes a client whose own signal is aborted for no decision", async () => {
    const redis = new Redis({ url: upstash.url, token: upstash.token, signal: AbortSignal.abort() });
    await expect(take(upstashStore(redis), someone(), [limit])).rejects.toThrow("unexpected reply");
  });

  it("sends nothing when its signal is aborted already", async () => {
    const check = { identity: someone(), limit, cost: 1 };
    await expect(store.consume([check], { nowMs: 0, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(upstash.requests).toHaveLength(0);
  });

  it.each(["error 500", "no json"] as const)("takes %s for no decision, and asks once", async (fault) => {
    upstash.fault = fault;
    await expect(take(store, someone(), [limit])).rejects.toThrow();
    expect(upstash.requests).toHaveLength(1);
  });

  it("takes a refused token for no decision", async () => {
    const redis = new Redis({ url: upstash.url, token: "wrong" });
    await expect(take(upstashStore(redis), someone(), [limit])).rejects.toThrow("WRONGPASS");
  });

  it("knows at once that nobody listens", async () => {
    const redis = new Redis({ url: `http://127.0.0.1:${await freePort()}`, token: "any" });
    const startMs = performance.now();
    await expect(take(upstashStore(redis), someone(), [limit])).rejects.toThrow("fetch failed");
    expect(performance.now() - startMs).toBeLessThan(2000); // the client's own retries take 4.3 s
  });
});
