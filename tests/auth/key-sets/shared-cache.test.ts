import { describe, expect, test } from "vitest";
import { keysWith, makeKey, signToken } from "../identity-provider/identity-provider.ts";
import { type SharedCache, sharedCache } from "./cache.ts";
import { clientOf, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

/** A cache with the provider's keys in it, as an instance before has left it. */
async function filled(): Promise<SharedCache> {
  const keySetCache = sharedCache();
  const { warmup } = clientOf(provider(), { keySetCache });
  await warmup();
  await Promise.resolve();
  expect(keySetCache.texts.size).toBe(1);
  return keySetCache;
}

describe("a shared cache", () => {
  test("gives a new instance the keys, so that 20 of them ask the provider once", async () => {
    const keySetCache = await filled();
    for (let instance = 0; instance < 20; instance++) {
      expect(await clientOf(provider(), { keySetCache }).status()).toBe(200);
    }
    expect(provider().fetches).toBe(1);
    expect(keySetCache.reads).toEqual(Array(21).fill(provider().jwksUrl));
  });

  test("is asked only by an instance that has no keys", async () => {
    const keySetCache = await filled();
    const { status, settled } = clientOf(provider(), { keySetCache });
    await status();
    const reads = keySetCache.reads.length;
    await status();
    passSeconds(700);
    await status();
    await settled();
    await provider().rotate();
    passSeconds(60);
    expect(await status()).toBe(200);
    expect(keySetCache.reads).toHaveLength(reads);
    expect(provider().fetches).toBe(3);
  });

  test("keeps a set for as long as it is of use, under the URL", async () => {
    provider().answer(keysWith({ "cache-control": "max-age=1200" }));
    const keySetCache = await filled();
    expect([...keySetCache.texts.keys()]).toEqual([provider().jwksUrl]);
    expect(keySetCache.ttlSeconds).toEqual([1200 + 3600]);
  });

  test("does not make a set younger than it is", async () => {
    const keySetCache = await filled();
    passSeconds(500);
    const { status, settled } = clientOf(provider(), { keySetCache });
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(1);
    passSeconds(170);
    expect(await status()).toBe(200);
    await settled();
    expect(provider().fetches).toBe(2);
  });

  test("helps a new instance through an outage, with a set that is stale", async () => {
    const keySetCache = await filled();
    await provider().goDown();
    passSeconds(3000);
    expect(await clientOf(provider(), { keySetCache }).status()).toBe(200);
    passSeconds(1201);
    expect(await clientOf(provider(), { keySetCache }).status()).toBe(503);
  });

  test("whose set lacks a new key is no reason to refuse it", async () => {
    const keySetCache = await filled();
    await provider().rotate();
    expect(await clientOf(provider(), { keySetCache }).status()).toBe(200);
    expect(provider().fetches).toBe(2);
  });

  test("holds only what is public and usable", async () => {
    const { jwk } = await makeKey("other", "ES256");
    const secret = { kty: "oct", k: "c2VjcmV0", kid: "secret" };
    provider().publish([{ ...jwk, d: "PRIVATE" }, secret, provider().key.jwk, { kty: "AKP", pub: "CANARY" }]);
    const [kept = ""] = (await filled()).texts.values();
    expect(kept).not.toMatch(/PRIVATE|c2VjcmV0|CANARY/);
    expect(kept).toContain('"key-1"');
  });

  test("serves policies that allow different algorithms", async () => {
    const rsa = await makeKey("rsa", "RS256");
    const { alg: _, ...unnamed } = rsa.jwk;
    provider().publish([provider().key.jwk, unnamed]);
    const keySetCache = sharedCache();
    expect(await clientOf(provider(), { keySetCache, algorithms: ["ES256"] }).status()).toBe(200);
    const { status } = clientOf(provider(), { keySetCache, algorithms: ["PS256", "RS256"] });
    const token = await signToken({ ...rsa, algorithm: "RS256" }, provider().issuer);
    expect(await status(token)).toBe(401); // its one algorithm is the first that is configured
    const { status: other } = clientOf(provider(), { keySetCache, algorithms: ["RS256"] });
    expect(await other(token)).toBe(200);
    expect(provider().fetches).toBeLessThanOrEqual(2);
  });

  test("is passed by after purge(), until the keys were fetched", async () => {
    const keySetCache = await filled();
    const { status, purge } = clientOf(provider(), { keySetCache });
    const before = await provider().token();
    expect(await status(before)).toBe(200);
    await provider().rotate();
    passSeconds(1);
    purge();
    expect(await status(before)).toBe(401);
    expect(provider().fetches).toBe(2);
    expect(await clientOf(provider(), { keySetCache }).status(before)).toBe(401);
  });
});
