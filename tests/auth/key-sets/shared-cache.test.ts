import { describe, expect, test } from "vitest";
import type { KeySetCache } from "../../../src/auth/jwt/key-set.ts";
import { keysWith, makeKey, signToken, text } from "../identity-provider/identity-provider.ts";
import { clientOf, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

/** A cache that several instances of a program share. */
interface SharedCache extends KeySetCache {
  readonly texts: Map<string, string>;
  readonly reads: string[];
  readonly ttlSeconds: number[];
}

function sharedCache(): SharedCache {
  const texts = new Map<string, string>();
  const reads: string[] = [];
  const ttlSeconds: number[] = [];
  return {
    texts,
    reads,
    ttlSeconds,
    get: async (url) => {
      reads.push(url);
      return texts.get(url);
    },
    set: async (url, text, ttl) => {
      texts.set(url, text);
      ttlSeconds.push(ttl);
    },
  };
}

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

describe("what a poisoned cache holds is passed over, and the keys are fetched:", async () => {
  const eve = await makeKey("eve", "ES256");
  const dated = (keys: unknown, more: object = {}): string =>
    `mantlet-keys-1 ${JSON.stringify({ sinceMs: Date.now() - 1000, freshMs: 600_000, keys, ...more })}`;

  test.each<readonly [string, () => unknown]>([
    ["nothing that is a text", () => ({ keys: [eve.jwk] })],
    ["an empty text", () => ""],
    ["a page", () => "<!doctype html>"],
    ["a bare set", () => JSON.stringify({ keys: [eve.jwk] })],
    ["JSON that is cut off", () => dated([eve.jwk]).slice(0, -1)],
    ["null", () => "mantlet-keys-1 null"],
    ["no keys", () => dated([])],
    ["keys that are no list", () => dated({ 0: eve.jwk, length: 1 })],
    ["51 keys", () => dated(Array(51).fill(eve.jwk))],
    ["a private key", () => dated([{ ...eve.jwk, d: "AAAA" }])],
    ["a secret", () => dated([{ kty: "oct", k: "c2VjcmV0", kid: "eve", alg: "ES256" }])],
    ["a point beside its curve", () => dated([{ ...eve.jwk, y: eve.jwk.x }])],
    ["a set of tomorrow", () => dated([eve.jwk], { sinceMs: Date.now() + 86_400_000 })],
    ["a set of last week", () => dated([eve.jwk], { sinceMs: Date.now() - 7 * 86_400_000 })],
    ["a set of no time", () => dated([eve.jwk], { sinceMs: "now" })],
    ["a set that is fresh for ever", () => dated([eve.jwk], { sinceMs: Date.now() - 2 * 86_400_000, freshMs: 1e15 })],
    ["a set that is fresh for no time", () => dated([eve.jwk], { freshMs: null })],
    ["10 MiB", () => dated([eve.jwk]) + " ".repeat(10_485_760)],
  ])("%s", async (_, content) => {
    // A cache that holds what its type forbids.
    const keySetCache = { ...sharedCache(), get: () => content() as string };
    const { status, send } = clientOf(provider(), { keySetCache });
    expect(await status(await signToken(eve, provider().issuer))).toBe(401);
    expect((await send()).status).toBe(200);
    expect(provider().fetches).toBe(1);
  });

  test("the operator is told", async () => {
    const { status, events } = clientOf(provider(), { keySetCache: { ...sharedCache(), get: () => "rubbish" } });
    expect(await status()).toBe(200);
    expect(events).toMatchObject([
      { type: "handler_error", error: { message: "the shared cache holds something that is no key set" } },
    ]);
  });

  test("keys that are fresh for ever are asked for within a day", async () => {
    const keySetCache = sharedCache();
    const content = dated([provider().key.jwk], { freshMs: 1e15 });
    const { status, settled } = clientOf(provider(), { keySetCache: { ...keySetCache, get: () => content } });
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(0);
    passSeconds(86_400 * 1.1);
    await status();
    await settled();
    expect(provider().fetches).toBe(1);
  });
});

describe("a cache that fails is as good as empty:", () => {
  const failing: readonly (readonly [string, KeySetCache["get"]])[] = [
    [
      "it throws",
      () => {
        throw new Error("down");
      },
    ],
    ["it rejects", () => Promise.reject(new Error("down"))],
  ];

  test.each(failing)("%s", async (_, get) => {
    const { status, events } = clientOf(provider(), { keySetCache: { get, set: get } });
    expect(await status()).toBe(200);
    expect(events.map(({ type }) => type)).toEqual(["handler_error", "handler_error"]);
  });

  test("it never answers: a second is lost, and a request behind an outage still ends", async () => {
    const keySetCache: KeySetCache = { get: () => new Promise(() => undefined), set: () => undefined };
    const { status } = clientOf(provider(), { keySetCache });
    const begun = performance.now();
    expect(await status()).toBe(200);
    expect(performance.now() - begun).toBeLessThan(1500);
    provider().answer(text("", 500));
    expect(await clientOf(provider(), { keySetCache }).status()).toBe(503);
  });

  test("it says null where it holds nothing", async () => {
    expect(await clientOf(provider(), { keySetCache: { get: () => null, set: () => undefined } }).status()).toBe(200);
  });
});
