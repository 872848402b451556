import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { compileKeySource } from "../../../src/auth/jwt/key-set.ts";
import type { JwtKeyOptions } from "../../../src/auth/jwt/options.ts";
import type { RequestContext } from "../../../src/index.ts";
import { makeKey, type SigningKey, signToken } from "../identity-provider/identity-provider.ts";
import { createApp } from "./app.ts";
import { mistakesIn } from "./mistakes.ts";

type Jwks = JwtKeyOptions<undefined, string>["jwks"];
type Algorithms = JwtKeyOptions<undefined, string>["algorithms"];

const issuer = "https://id.example.com/";

async function statusFor(key: SigningKey, jwks: unknown, algorithms?: readonly string[]): Promise<number> {
  const narrowed = algorithms as Algorithms; // names of the table below
  const app = createApp({ issuer, jwks: jwks as Jwks, ...(narrowed !== undefined && { algorithms: narrowed }) });
  const authorization = `Bearer ${await signToken(key, issuer)}`;
  return (await app.fetch(new Request("https://api.example.com/", { headers: { authorization } }))).status;
}

async function pemOf({ publicKey }: SigningKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey("spki", publicKey));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

describe.each(algorithms)("a key for %s", (algorithm) => {
  test("may be given as a set, as a CryptoKey, and as PEM with its algorithm", async () => {
    const [key, other] = [await makeKey("a", algorithm), await makeKey("a", algorithm)];
    for (const how of [{ keys: [key.jwk] }, key.publicKey]) {
      expect(await statusFor(key, how)).toBe(200);
      expect(await statusFor(other, how)).toBe(401);
    }
    for (const pem of [await pemOf(key), `\n  ${(await pemOf(key)).replaceAll("\n", "\r\n")}`]) {
      expect(await statusFor(key, pem, [algorithm])).toBe(200);
      expect(await statusFor(other, pem, [algorithm])).toBe(401);
    }
  });
});

test("a CryptoKey and a PEM text are tried for tokens of any kid, and for their algorithm only", async () => {
  const key = await makeKey(undefined, "PS256");
  const named = { ...key, kid: "whatever" };
  expect(await statusFor(named, key.publicKey)).toBe(200);
  expect(await statusFor(named, await pemOf(key), ["PS256"])).toBe(200);
  const source = compileKeySource(key.publicKey, undefined, "jwt.jwks", []);
  await source.warmup();
  // They need no request.
  expect(await source.find({ alg: "PS256", kid: "a" }, {} as RequestContext)).toEqual([key.publicKey]);
  expect(await source.find({ alg: "RS256", kid: "a" }, {} as RequestContext)).toEqual([]);
});

test("a set that is changed after construction is the one that it was", async () => {
  const [key, other] = [await makeKey("a", "ES256"), await makeKey("b", "ES256")];
  const keys = [{ ...key.jwk }];
  const app = createApp({ issuer, jwks: { keys } });
  keys[0] = { ...other.jwk };
  const send = async (signer: SigningKey): Promise<number> => {
    const headers = { authorization: `Bearer ${await signToken(signer, issuer)}` };
    return (await app.fetch(new Request("https://api.example.com/", { headers }))).status;
  };
  expect(await send(key)).toBe(200);
  expect(await send(other)).toBe(401);
  app.purge();
  await app.warmup();
  expect(await send(key)).toBe(200);
});

describe("mistakes in a set are found at construction", async () => {
  const { jwk } = await makeKey("a", "ES256");
  const rsa = (await makeKey("a", "RS256")).jwk;
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });

  test.each<readonly [string, unknown, RegExp]>([
    ["private", { ...jwk, d: "AAAA" }, /private key/],
    ["secret", { kty: "oct", k: "c2VjcmV0" }, /secret \(oct\)/],
    ["use", { ...jwk, use: "enc" }, /use/],
    ["key_ops", { ...jwk, key_ops: [] }, /key_ops/],
    ["size", weak, /RSA key of 1024 bits/],
    ["exponent", { ...rsa, e: "AQ" }, /exponent/],
    ["curve", { ...jwk, alg: "ES384" }, /alg that its type or curve is not for/],
    ["unknown curve", { ...jwk, crv: "secp256k1" }, /curve/],
    ["Ed448", { kty: "OKP", crv: "Ed448", x: "AAAA" }, /curve/],
    ["half a key", { ...jwk, y: undefined }, /no complete public key/],
    ["half an Edwards key", { kty: "OKP", crv: "Ed25519", x: "AAAA" }, /no complete public key/],
    ["half an RSA key", { ...rsa, n: undefined }, /no complete public key/],
    ["no key", "key", /not a key/],
    ["kid", { ...jwk, kid: 7 }, /kid/],
  ])("%s", (_, key, message) => {
    const mistakes = mistakesIn({ keys: [jwk, key] });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^jwt\.jwks\.keys\[1\]: /);
    expect(mistakes[0]).toMatch(message);
  });

  test.each(["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"])("a private member: %s", (name) => {
    expect(mistakesIn({ keys: [{ ...rsa, [name]: "AAAA" }] })).toEqual([
      expect.stringMatching(/^jwt\.jwks\.keys\[0\]: is a private key/),
    ]);
  });

  test("a key for an algorithm that is not allowed", () => {
    expect(mistakesIn({ keys: [jwk] }, { algorithms: ["RS256"] })).toEqual([
      "jwt.jwks.keys[0]: is a key for ES256, which no entry of algorithms fits",
    ]);
  });

  test("all at once", () => {
    expect(mistakesIn({ keys: [weak, { ...jwk, use: "enc" }] })).toHaveLength(2);
  });

  test("none, and more than 50", () => {
    expect(mistakesIn({ keys: [] })).toEqual(["jwt.jwks.keys: has 0 keys: there must be 1 to 50"]);
    expect(mistakesIn({ keys: Array(51).fill(jwk) })).toEqual(["jwt.jwks.keys: has 51 keys: there must be 1 to 50"]);
  });

  test.each([[jwk], [null], [42], [[]], [true]])("what is no set: %o", (value) => {
    expect(mistakesIn(value)).toEqual([
      "jwt.jwks: must be an https URL, a JWK Set such as { keys: [ … ] }, a public CryptoKey or a PEM text",
    ]);
  });
});

test("a point that is not on its curve is found when it is needed: 500, and warmup() rejects", async () => {
  const { jwk } = await makeKey("a", "ES256");
  const events: unknown[] = [];
  const app = createApp({
    issuer,
    jwks: { keys: [{ ...jwk, y: jwk.x }] },
    onEvent: (event) => void events.push(event),
  });
  await expect(app.warmup()).rejects.toMatchObject({ name: "ConfigError" });
  const authorization = `Bearer ${await signToken(await makeKey("a", "ES256"), issuer)}`;
  const response = await app.fetch(new Request("https://api.example.com/", { headers: { authorization } }));
  expect(response.status).toBe(500);
  expect(events).toMatchObject([{ type: "handler_error", error: { name: "ConfigError" } }]);
});

test("an RSA exponent that is not safe is found in PEM when the key is imported, and said", async () => {
  const key = await makeKey(undefined, "RS256");
  const der = Buffer.from(await crypto.subtle.exportKey("spki", key.publicKey));
  der[der.length - 1] = 0; // 65536
  const jwks = `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----`;
  const app = createApp({ issuer, jwks, algorithms: ["RS256"] });
  await expect(app.warmup()).rejects.toThrow(/jwt\.jwks: has a key that cannot be imported: .*exponent/);
  expect(await statusFor(key, jwks, ["RS256"])).toBe(500);
});
