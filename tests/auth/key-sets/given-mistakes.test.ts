import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { mistakesIn } from "./mistakes.ts";

const spki = (key: KeyObject): string => String(key.export({ type: "spki", format: "pem" }));

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
