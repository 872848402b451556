import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { jwt } from "../../../src/auth/jwt/jwt.ts";
import type { JwtKeyOptions } from "../../../src/auth/jwt/options.ts";
import { issuesFrom } from "../../lib/harness.ts";
import { makeKey, type SigningKey, signToken } from "../identity-provider/identity-provider.ts";
import { createApp } from "./app.ts";

type Jwks = JwtKeyOptions<undefined, string>["jwks"];
type Algorithms = JwtKeyOptions<undefined, string>["algorithms"];

const issuer = "https://id.example.com/";

/** The mistakes in the keys of a `jwt()`, as `path: message`. */
function mistakesIn(jwks: unknown, more: Readonly<Record<string, unknown>> = {}): readonly string[] {
  const options = { issuer, audience: "api", jwks: jwks as Jwks, ...more }; // JavaScript callers have no types
  return issuesFrom(() => jwt(options)).map(({ path, message }) => `${path}: ${message}`);
}

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

const spki = (key: KeyObject): string => String(key.export({ type: "spki", format: "pem" }));
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
  expect(await statusFor(await makeKey("a", "RS256"), key.publicKey)).toBe(401);
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
    ["curve", { ...jwk, alg: "ES384" }, /alg/],
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

describe("mistakes in a PEM text", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const pem = spki(ec.publicKey);

  test.each<readonly [string, string, string, RegExp]>([
    ["a private key", String(ec.privateKey.export({ type: "pkcs8", format: "pem" })), "ES256", /private key/],
    ["an older private key", String(ec.privateKey.export({ type: "sec1", format: "pem" })), "ES256", /private key/],
    ["another format", String(rsa.publicKey.export({ type: "pkcs1", format: "pem" })), "RS256", /BEGIN PUBLIC KEY/],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "ES256", /BEGIN PUBLIC KEY/],
    ["a key of RSA for an elliptic curve", spki(rsa.publicKey), "ES256", /not a key for ES256/],
    ["a key of a curve for RSA", pem, "RS256", /not a key for RS256/],
    ["another curve", pem, "ES384", /not a key for ES384/],
    ["another type of curve", pem, "EdDSA", /not a key for EdDSA/],
    ["1024 bits", spki(weak.publicKey), "RS256", /fewer than 2048 bits/],
    ["an end that is missing", pem.slice(0, pem.indexOf("-----END")), "ES256", /not one complete PEM text/],
    ["two keys", pem + pem, "ES256", /not one complete PEM text/],
    ["what is no base64", pem.replace("\nMF", "\nM="), "ES256", /not one complete PEM text/],
  ])("%s", (_, text, algorithm, message) => {
    const mistakes = mistakesIn(text, { algorithms: [algorithm] });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
    expect(mistakes[0]).toMatch(/^jwt\.jwks: /);
    expect(mistakes[0]).not.toContain("MF");
  });

  test.each([[undefined], [["ES256", "ES384"]]])("algorithms: %o does not say which it is for", (names) => {
    expect(mistakesIn(pem, names && { algorithms: names })).toEqual([
      "jwt.jwks: is a PEM text, which does not say its algorithm: name exactly one in algorithms",
    ]);
  });
});

describe("mistakes in a CryptoKey", async () => {
  const { subtle } = crypto;
  const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
  const signing = await subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const hmac = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign", "verify"]);
  const spkiBytes = await subtle.exportKey("spki", signing.publicKey);
  const useless = await subtle.importKey("spki", spkiBytes, ecdsa, true, []);
  const agreeing = await subtle.generateKey("X25519", true, ["deriveBits"]);
  const rsa = async (hash: string, modulusLength: number): Promise<CryptoKey> => {
    const publicExponent = Uint8Array.of(1, 0, 1);
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash, modulusLength, publicExponent };
    return (await subtle.generateKey(algorithm, true, ["sign", "verify"])).publicKey;
  };

  test.each<readonly [string, CryptoKey, RegExp]>([
    ["a private key", signing.privateKey, /private key/],
    ["a secret key", hmac, /secret key/],
    ["one without a use", useless, /"verify"/],
    ["one for agreeing", (agreeing as CryptoKeyPair).publicKey, /"verify"/],
    ["1024 bits", await rsa("SHA-256", 1024), /1024 bits/],
    ["an old hash", await rsa("SHA-1", 2048), /RSASSA-PKCS1-v1_5, which no accepted algorithm uses/],
  ])("%s", (_, key, message) => {
    const mistakes = mistakesIn(key);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
    expect(mistakes[0]).toMatch(/^jwt\.jwks: /);
  });

  test("one for an algorithm that is not allowed", () => {
    expect(mistakesIn(signing.publicKey, { algorithms: ["RS256"] })).toEqual([
      "jwt.jwks: is a key for ES256, which is not in algorithms",
    ]);
    expect(mistakesIn(signing.publicKey, { algorithms: ["RS256", "ES256"] })).toEqual([]);
  });
});

describe("a URL", () => {
  test.each([
    "https://id.example.com/.well-known/jwks.json",
    "https://id.example.com:8443/keys?tenant=1",
    "http://localhost:8080/jwks",
    "http://127.0.0.1/jwks",
    "http://127.8.9.1/jwks",
    "http://[::1]:80/jwks",
  ])("may be %s, as a text or a URL", (url) => {
    expect(mistakesIn(url)).toEqual([]);
    expect(mistakesIn(new URL(url))).toEqual([]);
  });

  test.each<readonly [string, RegExp]>([
    ["http://id.example.com/jwks", /must be an https URL: keys/],
    ["http://localhost.example.com/jwks", /must be an https URL: keys/],
    ["http://10.0.0.1/jwks", /must be an https URL: keys/],
    ["ftp://id.example.com/jwks", /must be an https URL: keys/],
    ["file:///etc/jwks.json", /must be an https URL: keys/],
    ["data:application/json,{}", /must be an https URL: keys/],
    ["/jwks.json", /must be an https URL such as/],
    ["", /must be an https URL such as/],
    ["https://user:hunter2@id.example.com/jwks", /user name or password/],
    ["https://id.example.com/jwks#keys", /fragment/],
  ])("must not be %j", (url, message) => {
    const mistakes = mistakesIn(url);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
    expect(mistakes[0]).toMatch(/^jwt\.jwks: /);
    expect(mistakes[0]).not.toContain("hunter2");
  });

  test.each<readonly [string, unknown, RegExp]>([
    ["staleIfErrorSeconds", -1, /whole number of seconds from 0 to 86400/],
    ["staleIfErrorSeconds", 86_401, /from 0 to 86400/],
    ["staleIfErrorSeconds", "3600", /from 0 to 86400/],
    ["keySetCache", {}, /functions get and set/],
    ["keySetCache", null, /functions get and set/],
    ["keySetCache", { get: () => undefined }, /functions get and set/],
  ])("%s must not be %o", (key, value, message) => {
    const mistakes = mistakesIn("https://id.example.com/jwks", { [key]: value });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(message);
    expect(mistakes[0]).toMatch(new RegExp(`^jwt\\.${key}: `));
  });

  test("only has a cache and a time to be stale", async () => {
    const { jwk } = await makeKey("a", "ES256");
    const keySetCache = { get: () => undefined, set: () => undefined };
    expect(mistakesIn({ keys: [jwk] }, { staleIfErrorSeconds: 60, keySetCache })).toEqual([
      "jwt.staleIfErrorSeconds: is for keys behind a URL: leave it out where the keys are given",
      "jwt.keySetCache: is for keys behind a URL: leave it out where the keys are given",
    ]);
  });
});
