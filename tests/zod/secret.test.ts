import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPlaceholder } from "../../src/lib/placeholder.ts";
import { secret } from "../../src/zod.ts";
import { options, timeoutMs } from "../fuzz/support.ts";
import { mistakesOf } from "./support.ts";

const noise = createHash("shake256", { outputLength: 1024 }).update("mantlet").digest("base64url");
/** A text without a pattern, the same in every run. */
const ofBytes = (count: number): string => noise.slice(0, count);

describe("secret()", () => {
  test.each(["base64", "base64url", "hex"] as const)("accepts 32 random bytes in %s", (encoding) => {
    for (let round = 0; round < 100; round++) {
      const text = randomBytes(32).toString(encoding);
      expect(secret().parse(text)).toBe(text);
    }
  });

  test("accepts what openssl rand -base64 makes, the command that its messages name", () => {
    for (const minBytes of [16, 32, 48, 64, 1024]) {
      const text = randomBytes(minBytes).toString("base64");
      expect(secret({ minBytes }).parse(text)).toBe(text);
    }
  });

  test.each([
    [{}, 32],
    [{ minBytes: 16 }, 16],
    [{ minBytes: 48 }, 48],
    [{ minBytes: 64 }, 64],
    [{ minBytes: 1024 }, 1024],
  ])("with %j takes %i bytes and not one less", (given, bytes) => {
    expect(mistakesOf(secret(given), ofBytes(bytes))).toEqual([]);
    expect(mistakesOf(secret(given), ofBytes(bytes - 1))).toEqual([
      `must be at least ${bytes} bytes long: make one with "openssl rand -base64 ${bytes}"`,
    ]);
  });

  test("counts bytes in UTF-8, not characters", () => {
    expect(mistakesOf(secret({ minBytes: 16 }), "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8\u00ea\u00eb")).toEqual([]);
    expect(mistakesOf(secret({ minBytes: 16 }), "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8\u00eae")).toHaveLength(1);
  });

  test.each([
    ["a space before", " @"],
    ["a space behind", "@ "],
    ["the line end of a file", "@\n"],
    ["the line end of a Windows file", "@\r\n"],
    ["a byte order mark", "\ufeff@"],
  ])("refuses %s, which no one sees", (_name, frame) => {
    expect(mistakesOf(secret(), frame.replace("@", ofBytes(40)))).toEqual([
      "has white space around it, which is probably not part of it",
    ]);
  });

  test("keeps white space inside, as a phrase has it", () => {
    const phrase = "correct horse battery staple, said the mantlet";
    expect(secret().parse(phrase)).toBe(phrase);
  });

  test.each([
    ["one character", "x".repeat(64)],
    ["zeros", "0".repeat(32)],
    ["a short word", "changeme".repeat(8)],
    ["a digit or two", "01".repeat(32)],
    ["letters of two bytes", "\u00e9\u00e8".repeat(16)],
    ["seven characters", "abcdefg".repeat(8)],
  ])("refuses %s over and over", (_name, text) => {
    expect(mistakesOf(secret(), text)).toEqual([
      'repeats itself too much to be random: make one with "openssl rand -base64 32"',
    ]);
  });

  test("accepts 16 random hexadecimal digits, few different ones as they may be", () => {
    const schema = secret({ minBytes: 16 });
    for (let round = 0; round < 2000; round++) {
      const text = randomBytes(8).toString("hex");
      expect(schema.parse(text)).toBe(text);
    }
  });

  test("refuses a short text over and over also where the last time is cut off", () => {
    expect(mistakesOf(secret(), "changeme!".repeat(8).slice(0, 64))).toHaveLength(1);
  });

  test.each(["0123456789abcdef".repeat(2), "abcdefgh".repeat(4), "my-secret-".repeat(5), "password12".repeat(4)])(
    "refuses %j, which is a short text several times",
    (text) => {
      expect(mistakesOf(secret(), text)).toHaveLength(1);
    },
  );

  test.each([
    "changeme-changeme-changeme-changeme-x",
    "please-CHANGE-ME-before-the-first-deployment",
    "your-256-bit-secret-goes-here-not-this-one",
    "put-your-own-key-here-a1b2c3d4e5f6a7b8c9",
    "supersecretsupersecretsupersecret!",
    "this is my very secret jwt secret",
    "secret_key_for_the_tokens_of_the_notes_api",
    "my-signing-key-of-the-notes-api-2024",
    "abcdefghijklmnopqrstuvwxyz123456",
    "12345678901234567890123456789012a",
    "<generate with openssl rand>xxxxxx",
    "<32 bytes of your own, from a generator>",
    "replace-with-something-long-and-random",
    "P4ssPassw0rdP4ssPassw0rdP4ssP4ssPassw0rd",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "qwertyuiopasdfghjklzxcvbnm1234567890",
  ])("refuses %j, which is what placeholders and examples have", (text) => {
    expect(mistakesOf(secret(), text)).toEqual([
      'reads like a placeholder or an example: make one with "openssl rand -base64 32"',
    ]);
  });

  test.each(["sb_secret_", "secret_"])("accepts a token that a service begins with %j", (prefix) => {
    expect(secret().parse(`${prefix}${ofBytes(40)}`)).toBe(`${prefix}${ofBytes(40)}`);
  });

  test.each(['"@"', "'@'", "`@`"])("refuses the quotes of %s, which a shell would have taken off", (frame) => {
    expect(mistakesOf(secret(), frame.replace("@", ofBytes(40)))).toEqual([
      "has quotes around it, which are probably not part of it",
    ]);
  });

  test.each(['"@', "@'", "\"@'"])("keeps quotes as in %s, which may be part of it", (frame) => {
    const text = frame.replace("@", ofBytes(40));
    expect(secret().parse(text)).toBe(text);
  });

  test("calls no more than one in a million random secrets a placeholder", { timeout: timeoutMs }, () => {
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      for (const bytes of [16, 32, 1024]) {
        for (let round = 0; round < 3000; round++) {
          const text = randomBytes(bytes).toString(encoding);
          expect(isPlaceholder(text), text).toBe(false);
        }
      }
    }
  });

  test.each([undefined, null, 7, {}, Buffer.from(ofBytes(32))])("refuses a value that is no text", (value) => {
    expect(
      secret()
        .safeParse(value)
        .error?.issues.map(({ code }) => code),
    ).toEqual(["invalid_type"]);
  });

  test.each([15, 1025, 0, -1, 32.5, Number.NaN, Number.POSITIVE_INFINITY])("cannot demand %d bytes", (minBytes) => {
    expect(() => secret({ minBytes })).toThrow(TypeError);
    expect(() => secret({ minBytes })).toThrow(/minBytes .* from 16 to 1024/);
  });

  test(
    "gives a text back as it was or says one mistake that does not hold it, whatever the text",
    () => {
      const text = fc.oneof(
        fc.string({ unit: "binary", maxLength: 64 }),
        fc.base64String({ minLength: 20, maxLength: 64 }),
      );
      fc.assert(
        fc.property(text, (given) => {
          const result = secret({ minBytes: 16 }).safeParse(given);
          expect(result.data ?? given).toBe(given);
          const messages = result.error?.issues.map(({ message }) => message) ?? [];
          expect(messages).toHaveLength(result.success ? 0 : 1);
          if (given.length >= 6) expect(messages.join()).not.toContain(given);
        }),
        options,
      );
    },
    timeoutMs,
  );
});
