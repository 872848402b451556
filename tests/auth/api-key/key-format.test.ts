import { execFileSync } from "node:child_process";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alphabet, checksumOf } from "../../../src/auth/api-key/checksum.ts";
import { hashApiKey } from "../../../src/auth/api-key/hash.ts";
import { apiKeyPattern, compileForm, generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import { issuesFrom } from "../../lib/harness.ts";
import { pepper, prefix } from "./support.ts";

describe("the checksum", () => {
  test("is that of GitHub's and npm's tokens", () => {
    expect(checksumOf("qkJaB6MffYVzZXWqmcoF49yrUxP3wf")).toBe("0LsakP");
  });

  test("is the CRC-32 of zlib, in 6 digits of base62", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 100 }), (text) => {
        const digits = checksumOf(text);
        expect(digits).toMatch(/^[0-9A-Za-z]{6}$/);
        expect([...digits].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0)).toBe(crc32(text));
      }),
    );
  });
});

describe("generateApiKey", () => {
  test("makes prefix, id, secret and checksum, and the hash of them all", async () => {
    const { key, id, hash } = await generateApiKey(prefix);
    expect(key).toMatch(/^acme_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{22}[0-9A-Za-z]{6}$/);
    expect(key.split("_")[2]).toBe(id);
    expect(key.slice(-6)).toBe(checksumOf(key.slice(0, -6)));
    expect(hash).toBe(await hashApiKey(key));
    expect(compileForm(prefix)(key)).toBeUndefined();
  });

  test("hashes under the current pepper", async () => {
    const { key, hash } = await generateApiKey(prefix, { pepper: [pepper, "the one that was before"] });
    expect(hash).toBe(await hashApiKey(key, pepper));
  });

  test("uses every letter and digit equally often, at every place", async () => {
    const total = 4000;
    const counts = new Map<string, number>();
    const keys = await Promise.all(Array.from({ length: total }, () => generateApiKey("a")));
    for (const { key } of keys) {
      const [, id = "", rest = ""] = key.split("_");
      for (const digit of id + rest.slice(0, 22)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    const expected = (total * 34) / 62;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 61 degrees of freedom: above 130 in one of a million runs. `byte % 62` without rejection gives about 4,000.
    expect(chiSquare).toBeLessThan(130);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(total);
  });

  test.each([
    [undefined, /is missing/],
    [7, /lower-case/],
    ["", /lower-case/],
    ["Acme", /lower-case/],
    ["acme_", /single underscores/],
    ["acme__live", /single underscores/],
    ["_acme", /a letter/],
    ["1acme", /a letter/],
    ["acme-live", /lower-case/],
    ["acmé", /lower-case/],
    ["acme\n", /lower-case/],
    ["a".repeat(33), /at most 32/],
    ["ewogIC", /lower-case/],
    ["ewogi", /JWT/],
    ["ewk", /JWT/],
    ["ew0k_live", /JWT/],
  ])("refuses the prefix %j", async (wrong, message) => {
    const error: unknown = await generateApiKey(wrong as string).catch((thrown: unknown) => thrown);
    const [issue, ...others] = issuesFrom(() => {
      throw error;
    });
    expect(others).toEqual([]);
    expect(issue?.path).toBe("generateApiKey.prefix");
    expect(issue?.message).toMatch(message);
    expect(issuesFrom(() => apiKeyPattern(wrong as string)).map(({ path }) => path)).toEqual(["apiKeyPattern.prefix"]);
  });

  test.each(["a", "acme", "acme_live", "acme2_eu_1_live", "ewe_live", "eyeem_live", "a".repeat(32)])(
    "takes the prefix %s",
    async (right) => {
      const { key } = await generateApiKey(right);
      expect(compileForm(right)(key)).toBeUndefined();
      expect(key.match(apiKeyPattern(right))).toEqual([key]);
    },
  );

  test("tells of an unknown option, and of one that is undefined", async () => {
    const wrong = { pepper: undefined, scopes: [] } as object;
    await expect(generateApiKey("Acme", wrong)).rejects.toThrow(
      /prefix.*\n.*pepper: is undefined.*\n.*scopes: unknown/,
    );
  });
});

test("no JWT begins as a key does, whatever white space its header has", () => {
  const space = ["\t", "\n", "\r", " "].map((character) => character.charCodeAt(0));
  const [open, quote] = [0x7b, 0x22];
  const anything = Array.from({ length: 256 }, (_, byte) => byte);
  // What may follow the bytes so far in the text of a JSON object with members (RFC 8259 §2).
  const next = (bytes: readonly number[]): readonly number[] => {
    if (!bytes.includes(open)) return [...space, open];
    return bytes.includes(quote) ? anything : [...space, quote];
  };
  let starts: number[][] = [[]];
  for (let count = 0; count < 3; count++) {
    starts = starts.flatMap((bytes) => next(bytes).map((byte) => [...bytes, byte]));
  }
  const begins = new Set(starts.map((bytes) => Buffer.from(bytes).toString("base64url").slice(0, 3)));
  expect([...begins].filter((three) => /^[a-z\d_]+$/.test(three)).sort()).toEqual(["ew0", "ewk", "ewo"]);
});

describe("apiKeyPattern", () => {
  test("finds all keys in a text, also between other letters, so that a log can be cleared of them", async () => {
    const [a, b, other] = await Promise.all([
      generateApiKey(prefix),
      generateApiKey(prefix),
      generateApiKey("acme_test"),
    ]);
    const text = `curl -H "x-api-key: ${a.key}"\\n${b.key}\\nkey%3D${a.key}&x=${other.key}`;
    expect(text.match(apiKeyPattern(prefix))).toEqual([a.key, b.key, a.key]);
    expect(text.replaceAll(apiKeyPattern(prefix), "[key]")).toBe(
      `curl -H "x-api-key: [key]"\\n[key]\\nkey%3D[key]&x=${other.key}`,
    );
  });

  test("is a new expression each time, for which no search of somebody else counts", async () => {
    const { key } = await generateApiKey(prefix);
    expect(apiKeyPattern(prefix).test(key)).toBe(true);
    expect(apiKeyPattern(prefix).test(key)).toBe(true);
  });

  test("has a source that other engines take: classes and counts alone", () => {
    expect(apiKeyPattern(prefix).source).toBe("acme_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{28}");
    expect(apiKeyPattern(prefix).flags).toBe("g");
  });

  test("is found by grep -E too", async () => {
    const { key } = await generateApiKey(prefix);
    const { source } = apiKeyPattern(prefix);
    const found = execFileSync("grep", ["-oE", source], { input: `before\n token=${key};\nafter\n`, encoding: "utf8" });
    expect(found).toBe(`${key}\n`);
  });
});
