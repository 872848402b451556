import { describe, expect, test } from "vitest";
import type { KeySetCache } from "../../../src/auth/jwt/keys/shared-cache.ts";
import { makeKey, signToken, text } from "../identity-provider/identity-provider.ts";
import { sharedCache } from "./cache.ts";
import { clientOf, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

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
