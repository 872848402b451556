import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Bytes, hexOf } from "../../src/lib/bytes.ts";
import { type HashName, hmac, isSameDigest, sha256 } from "../../src/lib/digest.ts";

const bytes = (text: string): Bytes => new TextEncoder().encode(text);

/** FIPS 180-4, one block and more. */
const hashes = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["ab".repeat(100), "80f5495226473b1b53657205e8fa14ab41bd12161cb002140ce2f4b7ad8cd80f"],
] as const;

/** RFC 4231 §4.3. */
const codes: readonly (readonly [hash: HashName, digits: string])[] = [
  ["SHA-256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
  ["SHA-384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"],
  [
    "SHA-512",
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  ],
];

describe.each([
  ["Node's own module", true],
  ["Web Cryptography, where there is no such module", false],
])("by %s", (_, hasModule) => {
  beforeEach(() => {
    if (!hasModule) vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  });
  afterEach(() => vi.restoreAllMocks());

  test.each(hashes)("SHA-256 of %j", async (text, digits) => {
    const digest = sha256()(bytes(text));
    expect(digest instanceof Promise).toBe(!hasModule);
    expect(hexOf(await digest)).toBe(digits);
  });

  test.each(codes)("HMAC with %s", async (hash, digits) => {
    const code = await hmac(bytes("Jefe"), hash);
    expect(hexOf(await code(bytes("what do ya want for nothing?")))).toBe(digits);
  });
});

test("digests are the same only with the same bytes and the same length", () => {
  const digest = Uint8Array.of(1, 2, 3);
  expect(isSameDigest(digest, Uint8Array.of(1, 2, 3))).toBe(true);
  for (const other of [[0, 2, 3], [1, 0, 3], [1, 2, 0], [1, 2], [1, 2, 3, 0], []]) {
    expect(isSameDigest(digest, Uint8Array.from(other))).toBe(false);
    expect(isSameDigest(Uint8Array.from(other), digest)).toBe(false);
  }
});
