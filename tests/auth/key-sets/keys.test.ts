import { generateKeyPairSync, sign } from "node:crypto";
import { SignJWT } from "jose/jwt/sign";
import { describe, expect, test } from "vitest";
import { makeKey, type SigningKey, signToken } from "../identity-provider/identity-provider.ts";
import { clientOf, forge, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

/** The status for a token of this key where the provider publishes these keys. */
async function statusFor(key: SigningKey, published: readonly unknown[], header = {}): Promise<number> {
  provider().publish(published);
  return clientOf(provider()).status(await signToken(key, provider().issuer, { header }));
}

describe("a set may have keys for", () => {
  const all = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
  test.each(all)("%s", async (algorithm) => {
    const key = await makeKey("a", algorithm);
    expect(await statusFor(key, [key.jwk])).toBe(200);
  });
});

describe("a key is passed over that", () => {
  const flaws: readonly (readonly [string, string, (jwk: Readonly<Record<string, unknown>>) => unknown])[] = [
    ["has its private part", "ES256", (jwk) => ({ ...jwk, d: "AAAA" })],
    ["has a private part of RSA", "RS256", (jwk) => ({ ...jwk, p: "AAAA" })],
    ["is for encryption", "ES256", (jwk) => ({ ...jwk, use: "enc" })],
    ["is not for verifying", "ES256", (jwk) => ({ ...jwk, key_ops: ["sign"] })],
    ["has key_ops that is no list", "ES256", (jwk) => ({ ...jwk, key_ops: "verify" })],
    ["is for another algorithm than its curve is", "ES256", (jwk) => ({ ...jwk, alg: "ES384" })],
    ["is for an algorithm of another type", "ES256", (jwk) => ({ ...jwk, alg: "RS256" })],
    ["is for no algorithm that there is", "ES256", (jwk) => ({ ...jwk, alg: "constructor" })],
    ["is on another curve than its point", "ES256", (jwk) => ({ ...jwk, crv: "P-384", alg: "ES384" })],
    ["has half a point", "ES256", ({ y, ...jwk }) => jwk],
    ["has a point beside its curve", "ES256", ({ x, ...jwk }) => ({ ...jwk, x, y: x })],
    ["has an exponent of 1", "RS256", (jwk) => ({ ...jwk, e: "AQ" })],
    ["has an even exponent", "RS256", (jwk) => ({ ...jwk, e: "BA" })],
    ["has an exponent of more than 32 bits", "RS256", (jwk) => ({ ...jwk, e: "AQAAAAE" })],
    [
      "has a short modulus, filled up with zeros",
      "RS256",
      (jwk) => ({ ...jwk, n: `${"A".repeat(400)}${String(jwk.n).slice(200)}` }),
    ],
    ["has an alg that is a list", "ES256", (jwk) => ({ ...jwk, alg: ["ES256"] })],
    ["has a type that nobody knows", "ES256", (jwk) => ({ ...jwk, kty: "ec" })],
    ["has a modulus that is not base64url", "RS256", (jwk) => ({ ...jwk, n: `${String(jwk.n).slice(1)}+` })],
    ["is no object", "ES256", () => "key"],
    ["is null", "ES256", () => null],
    ["is a list", "ES256", (jwk) => [jwk]],
  ];

  test.each(flaws)("%s, and the others stay good", async (_, algorithm, flaw) => {
    const flawed = await makeKey("flawed", algorithm);
    provider().publish([flaw(flawed.jwk), provider().key.jwk]);
    const { status, events } = clientOf(provider());
    expect(await status(await signToken(flawed, provider().issuer))).toBe(401);
    expect(events).toMatchObject([{ type: "refused", reason: "unknown_kid" }]);
    expect(await status()).toBe(200);
  });

  test("has a kid that is a number", async () => {
    const { jwk } = provider().key;
    expect(
      await statusFor(
        provider().key,
        [
          { ...jwk, kid: 1 },
          { ...jwk, kid: "2" },
        ],
        { kid: "1" },
      ),
    ).toBe(401);
  });

  test("is an RSA key of 1024 bits", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "weak", alg: "RS256" };
    provider().publish([jwk, provider().key.jwk]);
    const unsigned = forge(provider().issuer, "weak", "RS256").split(".").slice(0, 2).join(".");
    const token = `${unsigned}.${sign("sha256", Buffer.from(unsigned), privateKey).toString("base64url")}`;
    const { status, events } = clientOf(provider());
    expect(await status(token)).toBe(401);
    expect(events).toMatchObject([{ type: "refused", reason: "unknown_kid" }]);
  });

  test("is a secret, with which anybody may sign who reads the set", async () => {
    const jwk = { kty: "oct", k: "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", kid: "secret", alg: "HS256" };
    provider().publish([jwk, provider().key.jwk]);
    const secret = new TextEncoder().encode("secret-secret-secret-secret-secret");
    const token = await new SignJWT({ iss: provider().issuer, aud: "api", sub: "eve", exp: Date.now() / 1000 + 60 })
      .setProtectedHeader({ alg: "HS256", kid: "secret" })
      .sign(secret);
    expect(await clientOf(provider()).status(token)).toBe(401);
  });
});

describe("one key is for one algorithm", () => {
  const without = ({ jwk }: SigningKey, ...names: string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));

  /** The same key pair, made to sign with another algorithm. */
  async function signingWith(key: SigningKey, algorithm: string): Promise<SigningKey> {
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", key.privateKey);
    const name = algorithm.startsWith("PS") ? "RSA-PSS" : "RSASSA-PKCS1-v1_5";
    const parameters = { name, hash: `SHA-${algorithm.slice(2)}` };
    const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, parameters, true, ["sign"]);
    return { ...key, algorithm, privateKey };
  }

  test("the one that it names", async () => {
    const key = await makeKey("a", "RS256");
    expect(await statusFor(await signingWith(key, "PS256"), [key.jwk])).toBe(401);
    expect(await statusFor(await signingWith(key, "RS512"), [key.jwk])).toBe(401);
    expect(await statusFor(key, [key.jwk])).toBe(200);
  });

  test("RS256 where an RSA key names none", async () => {
    const key = await makeKey("a", "RS256");
    const published = [without(key, "alg", "use")];
    expect(await statusFor(key, published)).toBe(200);
    expect(await statusFor(await signingWith(key, "PS256"), published)).toBe(401);
  });

  test("the first of RSA that is configured where an RSA key names none", async () => {
    const key = await makeKey("a", "RS256");
    provider().publish([without(key, "alg")]);
    const { status } = clientOf(provider(), { algorithms: ["ES256", "PS512", "RS256"] });
    const signed = async (algorithm: string): Promise<string> =>
      signToken(await signingWith(key, algorithm), provider().issuer);
    expect(await status(await signed("PS512"))).toBe(200);
    expect(await status(await signed("RS256"))).toBe(401);
  });

  test("that of the curve where an EC key names none", async () => {
    const key = await makeKey("a", "ES384");
    expect(await statusFor(key, [without(key, "alg")])).toBe(200);
  });

  test.each([
    ["EdDSA", "Ed25519"],
    ["Ed25519", "EdDSA"],
  ])("where %s and %s are two names of one", async (published, used) => {
    const key = await makeKey("a", published);
    expect(await statusFor({ ...key, algorithm: used }, [key.jwk])).toBe(200);
  });

  test("none that is not configured", async () => {
    const key = await makeKey("a", "RS256");
    provider().publish([key.jwk, provider().key.jwk]);
    const { status } = clientOf(provider(), { algorithms: ["ES256"] });
    expect(await status(await signToken(key, provider().issuer))).toBe(401);
    expect(await status()).toBe(200);
  });
});

describe("a key is found", () => {
  test("among two of the same kid", async () => {
    const [one, two] = [await makeKey("twin", "ES256"), await makeKey("twin", "ES256")];
    expect(await statusFor(one, [one.jwk, two.jwk])).toBe(200);
    expect(await statusFor(two, [one.jwk, two.jwk])).toBe(200);
  });

  test("by its algorithm where two of the same kid differ in it", async () => {
    const [one, two] = [await makeKey("twin", "ES256"), await makeKey("twin", "RS256")];
    expect(await statusFor(one, [two.jwk, one.jwk])).toBe(200);
    expect(await statusFor(two, [two.jwk, one.jwk])).toBe(200);
  });

  test("without a kid in the token, among the first four of its algorithm", async () => {
    const others = await Promise.all(Array.from({ length: 3 }, (_, index) => makeKey(`other-${index}`, "ES256")));
    const rsa = await makeKey("rsa", "RS256");
    const before = [rsa.jwk, ...others.map(({ jwk }) => jwk)];
    const key = await makeKey("a", "ES256");
    expect(await statusFor(key, [...before, key.jwk], { kid: undefined })).toBe(200);
    const more = await makeKey("other-3", "ES256");
    expect(await statusFor(key, [...before, more.jwk, key.jwk], { kid: undefined })).toBe(401);
  });

  test("not by a kid that it does not have", async () => {
    const key = await makeKey(undefined, "ES256");
    expect(await statusFor(key, [key.jwk])).toBe(200);
    expect(await statusFor(key, [key.jwk], { kid: "a" })).toBe(401);
  });

  test.each(["__proto__", "constructor", "", "key-1 "])("not by the kid %j", async (kid) => {
    expect(await statusFor(provider().key, [provider().key.jwk], { kid })).toBe(401);
  });
});

test("a key that an exotic set surrounds is found without another fetch", async () => {
  const exotic = { kty: "AKP", alg: "ML-DSA-44", kid: "pq", pub: "AAAA" };
  provider().publish([
    exotic,
    { ...provider().key.jwk, x5c: ["MIIB"], x5t: "a", ext: true, key_ops: ["verify", "encrypt"] },
  ]);
  const { status } = clientOf(provider());
  expect(await status()).toBe(200);
  passSeconds(60);
  expect(await status()).toBe(200);
  expect(provider().fetches).toBe(1);
});
