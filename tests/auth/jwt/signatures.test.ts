import { beforeAll, describe, expect, test, vi } from "vitest";
import { type AsymmetricAlgorithm, jwt } from "../../../src/jwt.ts";
import { type Pair, pairFor, pemOf } from "./pairs.ts";
import { serve } from "./servers.ts";
import {
  around,
  audience,
  base64url,
  claims,
  expectAccepted,
  expectRefused,
  hmac,
  issuer,
  type Sign,
  token,
} from "./support.ts";

const algorithms: readonly AsymmetricAlgorithm[] = [
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["ES256", "ES384", "ES512", "EdDSA", "Ed25519"] as const),
];
const pairs = new Map<string, Pair>();
const pair = (alg: string): Pair => pairs.get(alg) ?? expect.fail(`no pair for ${alg}`);
const signed = (by: Pair, head: object = {}, payload: object = claims()): Promise<string> =>
  token(payload, { alg: by.alg, kid: by.jwk.kid, ...head }, by.sign);
const withKeys = (...of: Pair[]) => around({ jwks: { keys: of.map(({ jwk }) => jwk) }, issuer, audience });

beforeAll(async () => {
  for (const alg of algorithms) pairs.set(alg, await pairFor(alg));
});

describe("each algorithm with public keys", () => {
  test.each(algorithms)("%s", async (alg) => {
    const by = around({ jwks: { keys: [pair(alg).jwk] }, algorithms: [alg], issuer, audience });
    const good = await signed(pair(alg));
    await expectAccepted(good, by);
    await expectRefused(await signed(pair(alg), {}, claims({ iss: "https://evil.example/" })), "wrong_issuer", by);
    const [head, payload, signature = ""] = good.split(".");
    const bytes = Buffer.from(signature, "base64url");
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await expectRefused(`${head}.${payload}.${bytes.toString("base64url")}`, "bad_signature", by);
    const changed = base64url(JSON.stringify(claims({ sub: "eve" })));
    await expectRefused(`${head}.${changed}.${signature}`, "bad_signature", by);
  });

  test("all of them are accepted where none is named", async () => {
    const by = withKeys(...algorithms.map(pair));
    for (const alg of algorithms) await expectAccepted(await signed(pair(alg)), by);
  });

  test("only those that are named are accepted otherwise", async () => {
    const by = around({ jwks: { keys: [pair("ES256").jwk] }, algorithms: ["ES256"], issuer, audience });
    for (const alg of algorithms.filter((name) => name !== "ES256"))
      await expectRefused(await signed(pair(alg)), "algorithm_not_allowed", by);
  });
});

describe("a public key as the secret of an HMAC", () => {
  test("is of no use, however the key is written", async () => {
    const { publicKey, jwk } = pair("RS256");
    const pem = await pemOf(publicKey);
    const by = withKeys(pair("RS256"), pair("ES256"));
    const texts = [
      pem,
      pem.trim(),
      `\n ${pem}`,
      JSON.stringify(jwk),
      JSON.stringify({ keys: [jwk] }),
      String(jwk.n),
      "",
    ];
    for (const alg of ["HS256", "HS384", "HS512"]) {
      for (const text of texts) {
        const sign = hmac(text, `SHA-${alg.slice(2)}`);
        await expectRefused(await token(claims(), { alg, kid: "RS256" }, sign), "algorithm_not_allowed", by);
      }
    }
  });
});

describe("a key is used for its own algorithm only", () => {
  test.each([
    ["RS256", "RS512"],
    ["RS256", "PS256"],
    ["PS256", "RS256"],
    ["RS256", "ES256"],
    ["ES256", "RS256"],
    ["ES256", "ES384"],
    ["ES384", "ES256"],
    ["ES256", "EdDSA"],
    ["EdDSA", "ES256"],
  ])("the key of %s for %s", async (alg, other) => {
    const { jwk } = pair(alg);
    const by = around({ jwks: { keys: [jwk, pair(other).jwk] }, issuer, audience });
    await expectRefused(await signed(pair(alg), { alg: other }), "unknown_kid", by);
    await expectRefused(await signed(pair(alg), { alg: other, kid: undefined }), "bad_signature", by);
    await expectRefused(await signed(pair(alg), { alg: other, kid: other }), "bad_signature", by);
  });
});

describe("a signature by ECDSA", () => {
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
  const zero = Buffer.alloc(32);
  const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])]);
  const constant =
    (...parts: Uint8Array[]): Sign =>
    async () =>
      Uint8Array.from(Buffer.concat(parts));

  test.each<readonly [string, Sign]>([
    ["of zeros", constant(zero, zero)],
    ["with r = 0", constant(zero, one)],
    ["with s = 0", constant(one, zero)],
    ["of ones", constant(one, one)],
    ["with r = n", constant(order, one)],
    ["with s = n", constant(one, order)],
    ["of n", constant(order, order)],
    ["in DER", constant(Buffer.from("3006020101020101", "hex"))],
    ["with a byte more", constant(zero, one, one.subarray(31))],
    ["with a byte less", constant(zero, one.subarray(1))],
    ["of one byte", constant(one.subarray(31))],
  ])("%s", async (_name, sign) => {
    const { jwk } = pair("ES256");
    await expectRefused(
      await token(claims(), { alg: "ES256", kid: jwk.kid }, sign),
      "bad_signature",
      withKeys(pair("ES256")),
    );
  });

  test("that was padded or cut", async () => {
    const by = withKeys(pair("ES256"));
    for (const change of [
      (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(1)]),
      (bytes: Uint8Array) => Buffer.concat([Buffer.alloc(1), bytes]),
      (bytes: Uint8Array) => bytes.subarray(0, 63),
      (bytes: Uint8Array) => Buffer.concat([bytes, bytes]),
    ]) {
      const sign: Sign = async (input) => Uint8Array.from(change(await pair("ES256").sign(input)));
      const head = { alg: "ES256", kid: "ES256" };
      await expectRefused(await token(claims(), head, sign), "bad_signature", by);
    }
  });
});

describe("which key", () => {
  test("the token names, among several", async () => {
    const [a, b] = [await pairFor("ES256", "a"), await pairFor("ES256", "b")];
    const by = withKeys(a, b);
    await expectAccepted(await signed(a), by);
    await expectAccepted(await signed(b), by);
    await expectRefused(await signed(a, { kid: "b" }), "bad_signature", by);
    for (const kid of ["c", "", "A", "__proto__", "constructor", "../a", "a\0", "a "])
      await expectRefused(await signed(a, { kid }), "unknown_kid", by);
  });

  test("a token without a name means is found by trying", async () => {
    const [a, b] = [await pairFor("ES256", "a"), await pairFor("ES256", "b")];
    const by = withKeys(a, b);
    await expectAccepted(await signed(a, { kid: undefined }), by);
    await expectAccepted(await signed(b, { kid: undefined }), by);
    await expectRefused(await signed(pair("ES256"), { kid: undefined }), "bad_signature", by);
  });

  test("two of one name are both tried", async () => {
    const [a, b] = [await pairFor("ES256", "same"), await pairFor("ES256", "same")];
    const by = withKeys(a, b);
    await expectAccepted(await signed(a), by);
    await expectAccepted(await signed(b), by);
  });

  test("is a CryptoKey or PEM text, where there is one", async () => {
    const { publicKey } = pair("PS256");
    await expectAccepted(await signed(pair("PS256")), around({ jwks: publicKey, issuer, audience }));
    const pem = await pemOf(publicKey);
    await expectAccepted(await signed(pair("PS256")), around({ jwks: pem, algorithms: ["PS256"], issuer, audience }));
  });
});

describe("keys behind a URL", () => {
  test("that changed under the same name are fetched again, once, for a signature that fails", async () => {
    const [old, renewed] = [await pairFor("ES256", "k"), await pairFor("ES256", "k")];
    let current = old;
    const provider = await serve(() => ({ keys: [current.jwk] }));
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const auth = jwt({ jwks: provider.url, issuer, audience });
      const by = around(auth);
      await auth.warmup();
      await expectAccepted(await signed(old), by);
      expect(provider.count()).toBe(1);
      current = renewed;
      await expectRefused(await signed(renewed), "bad_signature", by);
      expect(provider.count()).toBe(1); // the last attempt was a moment ago
      vi.setSystemTime(Date.now() + 31_000);
      await expectAccepted(await signed(renewed), by);
      expect(provider.count()).toBe(2);
      await expectRefused(await signed(old), "bad_signature", by);
      await expectRefused(await signed(old), "bad_signature", by);
      expect(provider.count()).toBe(2);
    } finally {
      vi.useRealTimers();
      await provider.close();
    }
  });
});

test("purge() forgets the keys, and warmup() fetches them", async () => {
  const provider = await serve(() => ({ keys: [pair("ES256").jwk] }));
  try {
    const auth = jwt({ jwks: () => provider.url, issuer: [issuer, "https://two.example/"], audience });
    expect(provider.count()).toBe(0);
    await auth.warmup();
    const fetched = provider.count();
    expect(fetched).toBeGreaterThan(0);
    await expectAccepted(await signed(pair("ES256")), around(auth));
    expect(provider.count()).toBe(fetched);
    auth.purge();
    await expectAccepted(await signed(pair("ES256")), around(auth));
    expect(provider.count()).toBeGreaterThan(fetched);
  } finally {
    await provider.close();
  }
});

test("warmup() rejects where keys cannot be had", async () => {
  const auth = jwt({ jwks: "http://127.0.0.1:1/keys", issuer, audience });
  await expect(auth.warmup()).rejects.toThrow("cannot be fetched");
});

describe("several issuers", () => {
  const first = "https://one.example/";
  const second = "https://two.example/";

  test("with keys of their own: nobody signs for another", async () => {
    const [a, b] = [await pairFor("ES256", "k"), await pairFor("ES256", "k")];
    const asked: string[] = [];
    const by = around({
      jwks: (name) => {
        asked.push(name);
        return { keys: [name === first ? a.jwk : b.jwk] };
      },
      issuer: [first, second],
      audience,
    });
    expect(asked).toEqual([first, second]);
    const of = (pairOf: Pair, iss: string): Promise<string> => signed(pairOf, {}, claims({ iss }));
    expect((await expectAccepted(await of(a, first), by)).issuer).toBe(first);
    expect((await expectAccepted(await of(b, second), by)).issuer).toBe(second);
    await expectRefused(await of(a, second), "bad_signature", by);
    await expectRefused(await of(b, first), "bad_signature", by);
    await expectRefused(await of(a, "https://three.example/"), "wrong_issuer", by);
    expect(asked).toEqual([first, second]);
  });

  test("with the same keys", async () => {
    const by = around({ jwks: { keys: [pair("ES256").jwk] }, issuer: [first, second], audience });
    await expectAccepted(await signed(pair("ES256"), {}, claims({ iss: first })), by);
    await expectAccepted(await signed(pair("ES256"), {}, claims({ iss: second })), by);
    await expectRefused(await signed(pair("ES256")), "wrong_issuer", by);
  });
});
