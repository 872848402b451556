import { randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { jwt } from "../../../src/jwt.ts";
import { expectProblem, issuesFrom } from "../../lib/harness.ts";
import { pairFor, pemOf } from "./pairs.ts";
import {
  around,
  bytesOf,
  claims,
  expectAccepted,
  expectRefused,
  header,
  hmac,
  options,
  request,
  secret,
  token,
} from "./support.ts";

const other = "another secret that has 32 bytes";
const ofBytes = (count: number): string =>
  "mF3kx9QpT7vR2wLs8YbN4hJc6ZgD1aUe+Xo5/iKtV0nEqB7dWyG2uPzC9rMlSjHf".slice(0, count);

describe("each HMAC", () => {
  test.each([
    ["HS256", 32],
    ["HS384", 48],
    ["HS512", 64],
  ] as const)("%s takes a secret of %i bytes and no shorter one", async (alg, length) => {
    const text = ofBytes(length);
    const sign = hmac(text, `SHA-${alg.slice(2)}`);
    const by = around({ ...options, secret: text, algorithms: [alg] });
    await expectAccepted(await token(claims(), { alg }, sign), by);
    const [issue] = issuesFrom(() => jwt({ ...options, secret: text.slice(1), algorithms: [alg] }));
    expect(issue?.path).toBe("jwt.secret");
    expect(issue?.message).toContain(`has ${length - 1} bytes`);
  });

  test("several share a secret that is long enough for all", async () => {
    const text = ofBytes(64);
    const by = around({ ...options, secret: text, algorithms: ["HS256", "HS512"] });
    await expectAccepted(await token(claims(), { alg: "HS256" }, hmac(text)), by);
    await expectAccepted(await token(claims(), { alg: "HS512" }, hmac(text, "SHA-512")), by);
    await expectRefused(await token(claims(), { alg: "HS512" }, hmac(text)), "bad_signature", by);
    await expectRefused(await token(claims(), { alg: "HS384" }, hmac(text, "SHA-384")), "algorithm_not_allowed", by);
    expect(issuesFrom(() => jwt({ ...options, secret, algorithms: ["HS256", "HS512"] }))).toHaveLength(1);
  });

  test("counts bytes, not characters", async () => {
    const text = "éèêëàáâäöôòóüûùú";
    await expectAccepted(await token(claims(), header, hmac(text)), around({ ...options, secret: text }));
  });
});

test.each([
  ["a Uint8Array", (bytes: Uint8Array) => Uint8Array.from(bytes)],
  ["a Buffer, whose slice() is no copy", (bytes: Uint8Array) => Buffer.from(bytes)],
])("a secret in %s stays what it was where its memory is wiped", async (_name, make) => {
  const given = make(bytesOf(secret));
  const by = around({ ...options, secret: given });
  given.fill(0);
  await expectRefused(await token(claims(), header, hmac(new Uint8Array(32))), "bad_signature", by);
  await expectAccepted(await token(), by);
});

describe("what is no secret is a mistake, and no message shows it", () => {
  test.each([
    ["empty", ""],
    ["one byte", "s"],
    ["no bytes", new Uint8Array()],
    ["too few bytes", new Uint8Array(31)],
    ["a number", 123456],
    ["null", null],
    ["an object", { k: "canary" }],
  ])("%s", (_name, value) => {
    const issues = issuesFrom(() => jwt({ ...options, secret: value as string })); // JavaScript callers have no types
    expect(issues.map(({ path }) => path)).toEqual(["jwt.secret"]);
    expect(JSON.stringify(issues)).not.toMatch(/canary|123456/);
  });

  test.each<readonly [string, string | Uint8Array]>([
    ["one letter", "a".repeat(32)],
    ["zeros", new Uint8Array(64)],
    ["a word over and over", "secret".repeat(6)],
    ["a word over and over, cut off", "secret".repeat(6).slice(0, 32)],
    ["the digits twice", "0123456789abcdef".repeat(2)],
    ["bytes over and over", Uint8Array.from({ length: 48 }, (_, index) => index % 24)],
    ["four letters in no order", "abcadbbdcaddbcabcdbacbddacbcabdacd"],
    ["letters of two bytes", "é".repeat(16)],
  ])("what repeats itself: %s", (_name, value) => {
    expect(issuesFrom(() => jwt({ ...options, secret: value }))).toEqual([
      {
        path: "jwt.secret",
        message: 'repeats itself too much to be random: make one with "openssl rand -base64 48"',
      },
    ]);
  });

  test("and not what a generator makes, in bytes or in text", () => {
    for (let round = 0; round < 200; round++) {
      const bytes = randomBytes(32);
      for (const value of [bytes, bytes.toString("base64"), bytes.toString("hex"), bytes.toString("hex").slice(32)])
        expect(issuesFrom(() => jwt({ ...options, secret: value }))).toEqual([]);
    }
  });

  test("a public key, however it is written", async () => {
    const { publicKey, jwk } = await pairFor("ES256");
    const pem = await pemOf(publicKey);
    const texts = [pem, ` \n${pem}`, pem.trim(), JSON.stringify(jwk), ` ${JSON.stringify({ keys: [jwk] }, null, 2)}`];
    for (const text of texts) {
      for (const value of [text, new TextEncoder().encode(text)]) {
        const [issue] = issuesFrom(() => jwt({ ...options, secret: value }));
        expect(issue?.message).toContain("PEM or JWK");
        expect(issue?.message).not.toContain(String(jwk.x));
      }
    }
  });
});

describe("a function", () => {
  test.each([
    ["gives text", () => secret],
    ["gives bytes", () => new TextEncoder().encode(secret)],
    ["gives a promise", async () => secret],
  ])("%s", async (_name, get) => {
    const by = around({ ...options, secret: get });
    await expectAccepted(await token(), by);
    await expectRefused(await token(claims(), header, hmac(other)), "bad_signature", by);
  });

  test("is not called at construction, nor for what is refused without a key", async () => {
    let calls = 0;
    const get = (): string => {
      calls++;
      return secret;
    };
    const by = around({ ...options, secret: get });
    await expectRefused("a.b.c", "malformed_token", by);
    await expectRefused(await token(claims({ exp: 1 })), "expired", by, "expired");
    expect(calls).toBe(0);
    await expectAccepted(await token(), by);
    expect(calls).toBe(1);
  });

  test("may give another secret later: the old one is worth nothing from then on", async () => {
    let current = secret;
    const by = around({ ...options, secret: () => current });
    const old = await token();
    await expectAccepted(old, by);
    current = other;
    await expectRefused(old, "bad_signature", by);
    await expectAccepted(await token(claims(), header, hmac(other)), by);
    current = secret;
    await expectAccepted(old, by);
  });

  test("may put another secret into the same Buffer", async () => {
    const held = Buffer.from(secret);
    const by = around({ ...options, secret: () => held });
    const old = await token();
    await expectAccepted(old, by);
    held.set(bytesOf(other));
    await expectRefused(old, "bad_signature", by);
    await expectAccepted(await token(claims(), header, hmac(other)), by);
  });

  test("may give another secret while the former one is being taken up", async () => {
    const [old, newer] = [await token(), await token(claims(), header, hmac(other))];
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never); // Web Cryptography takes its time
    const { subtle } = crypto;
    const importKey = subtle.importKey.bind(subtle) as typeof subtle.importKey;
    const late = vi.spyOn(subtle, "importKey").mockImplementationOnce(async (...args: unknown[]) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return importKey(...(args as Parameters<typeof subtle.importKey>));
    });
    try {
      let current = secret;
      const by = around({ ...options, secret: () => current });
      const first = expectAccepted(old, by);
      current = other;
      await expectAccepted(newer, by);
      await first;
      expect(late).toHaveBeenCalledTimes(2);
      await expectRefused(old, "bad_signature", by);
      await expectAccepted(newer, by);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test.each<readonly [string, () => unknown]>([
    ["too short", () => "canary"],
    ["empty", () => ""],
    ["nothing", () => undefined],
    ["null", async () => null],
    ["a number", () => 1234567],
    ["a public key", () => `-----BEGIN PUBLIC KEY-----\n${"canary".repeat(20)}`],
  ])("that gives what is %s is a fault of the server, and an event", async (_name, get) => {
    const by = around({ ...options, secret: get as () => string });
    const sign = hmac(String(await get()));
    const response = await by.fetch(request(`Bearer ${await token(claims(), header, sign)}`));
    expect(response.headers.has("www-authenticate")).toBe(false);
    const body = await expectProblem(response, 500, "internal_error");
    expect(by.events).toEqual([expect.objectContaining({ type: "handler_error" })]);
    expect(JSON.stringify(body)).not.toContain("canary");
    const [event] = by.events;
    expect(String(event?.type === "handler_error" && event.error)).not.toMatch(/canary|1234567/);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("canary");
      },
    ],
    ["rejects", () => Promise.reject(new Error("canary"))],
  ])("that %s is an outage", async (_name, get) => {
    const by = around({ ...options, secret: get });
    const response = await by.fetch(request(`Bearer ${await token()}`));
    expect(response.headers.get("retry-after")).toBe("1");
    expect(response.headers.has("www-authenticate")).toBe(false);
    const body = await expectProblem(response, 503, "auth_unavailable");
    expect(JSON.stringify(body)).not.toContain("canary");
    expect(by.events).toEqual([expect.objectContaining({ type: "auth_unavailable", error: new Error("canary") })]);
  });
});

describe("warmup and purge", () => {
  test("do no harm where there is nothing to fetch", async () => {
    const auth = jwt(options);
    const by = around(auth);
    await auth.warmup();
    auth.purge();
    await expectAccepted(await token(), by);
    auth.purge();
    await expectAccepted(await token(), by);
  });

  test("tell before the first request that a function gives no secret", async () => {
    await expect(jwt({ ...options, secret: () => "short" }).warmup()).rejects.toThrow("jwt.secret");
    await expect(jwt({ ...options, secret: () => "ab".repeat(32) }).warmup()).rejects.toThrow("repeats itself");
    await expect(jwt({ ...options, secret: () => Promise.reject(new Error("down")) }).warmup()).rejects.toThrow("down");
  });
});

describe("a public key is no secret, in whatever form it comes", async () => {
  const pem = await pemOf((await pairFor("RS256")).publicKey);
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  test.each<readonly [string, string | Uint8Array]>([
    ["PEM", pem],
    ["PEM on one line, in quotes", `"${pem.replaceAll("\n", "\\n")}"`],
    ["PEM behind a comment", `# of the provider\n${pem}`],
    ["DER", new Uint8Array(der)],
    ["DER in base64", der.toString("base64")],
    ["PEM in base64", Buffer.from(pem).toString("base64")],
    ["a JWK", '{"kty":"RSA","n":"AQAB"}'.padEnd(40)],
    ["a list of JWKs", '[{"kty":"RSA","n":"AQAB"}]'.padEnd(40)],
    ["a JWK in quotes", '"{\\"kty\\":\\"RSA\\",\\"n\\":\\"AQAB\\"}"'.padEnd(40)],
    ["OpenSSH", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ"],
  ])("%s", (_, value) => {
    const issues = issuesFrom(() => jwt({ ...options, secret: value }));
    expect(issues).toEqual([{ path: "jwt.secret", message: expect.stringContaining("is a key in PEM or JWK form") }]);
  });

  test.each([
    ["base64 of random bytes", "MIIB8zCCAVygAwIBAgIUXq3b1Zp0Qk9e7m2N4x8W"],
    ["text with the word kty", "a long secret that says kty somewhere in it"],
  ])("%s is a secret", (_, value) => {
    expect(issuesFrom(() => jwt({ ...options, secret: value }))).toEqual([]);
  });
});
