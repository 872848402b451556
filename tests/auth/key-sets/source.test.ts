import { expect, test } from "vitest";
import { compileKeySource } from "../../../src/auth/jwt/key-set.ts";
import type { KeySource } from "../../../src/auth/jwt/key-source.ts";
import type { RequestContext } from "../../../src/index.ts";
import { passSeconds, useProvider } from "./client.ts";

const provider = useProvider();
const question = { alg: "ES256", kid: "key-1" };
// Of a request, a source of keys needs waitUntil only.
const context = { waitUntil: (work: Promise<unknown>) => void work.catch(() => undefined) } as RequestContext;

function sourceOfKeys(): KeySource {
  return compileKeySource(provider().jwksUrl, undefined, "jwt.jwks", []);
}

test("an imported key is used until it is gone from the set, and the version says when the set has changed", async () => {
  const source = sourceOfKeys();
  const versions = [source.version()];
  const [key] = await source.find(question, context);
  versions.push(source.version());
  passSeconds(700);
  await source.warmup();
  versions.push(source.version());
  expect((await source.find(question, context))[0]).toBe(key);
  const before = provider().key;
  await provider().rotate();
  provider().publish([provider().key.jwk, before.jwk]);
  passSeconds(700);
  await source.warmup();
  versions.push(source.version());
  expect((await source.find(question, context))[0]).toBe(key);
  source.purge();
  versions.push(source.version());
  expect((await source.find(question, context))[0]).not.toBe(key);
  expect(provider().fetches).toBe(4);
  expect(versions.map((version, index) => index > 0 && version !== versions[index - 1])).toEqual([
    false,
    true,
    false,
    true,
    true,
  ]);
});

test("a fresh set answers without waiting", async () => {
  const source = sourceOfKeys();
  await source.warmup();
  expect(source.find(question, context)).toBeInstanceOf(Array);
  expect(source.find({ ...question, kid: "unknown" }, context)).toEqual([]);
});

test("keys that are newer than those that failed are given without a fetch, whenever they are asked for", async () => {
  const source = sourceOfKeys();
  const given = await source.find(question, context);
  passSeconds(60);
  await provider().replace();
  const newer = await source.findNewer(question, context, given);
  expect(newer).toHaveLength(1);
  expect(newer?.[0]).not.toBe(given[0]);
  passSeconds(60);
  expect(source.findNewer(question, context, given)).toBe(newer);
  expect(provider().fetches).toBe(2);
});

test("findNewer() gives nothing where the set is the same, or has lost the key", async () => {
  const source = sourceOfKeys();
  const given = await source.find(question, context);
  passSeconds(60);
  expect(await source.findNewer(question, context, given)).toBe(undefined);
  await provider().rotate();
  passSeconds(60);
  expect(await source.findNewer(question, context, given)).toBe(undefined);
  expect(provider().fetches).toBe(3);
});

test("findNewer() does not reject for an outage", async () => {
  const source = sourceOfKeys();
  const given = await source.find(question, context);
  await provider().goDown();
  passSeconds(60);
  expect(await source.findNewer(question, context, given)).toBe(undefined);
});
