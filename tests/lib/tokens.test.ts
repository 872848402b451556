import fc from "fast-check";
import { expect, test } from "vitest";
import { isFieldValue, isToken } from "../../src/lib/tokens.ts";

test("a token is one or more of RFC 9110's token characters, and nothing else", () => {
  const pattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    expect([code, isToken(character)]).toEqual([code, pattern.test(character)]);
  }
  expect(isToken("")).toBe(false);
  expect(isToken("a b", 0, 1)).toBe(true);
  expect(isToken("a b", 0, 3)).toBe(false);
  expect(isToken("ab", 2)).toBe(false);
});

test("whatever is a field value, Headers takes and gives back unchanged", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      if (isFieldValue(value)) expect(new Headers([["x-a", value]]).get("x-a")).toBe(value);
    }),
    { numRuns: 1000 },
  );
});

test.each(["", " ", " a", "a ", "\ta", "a\n", "a\rb", "a\0", "\x7f", "a\u0100", "\u{1f600}"])(
  "%j is no field value",
  (value) => {
    expect(isFieldValue(value)).toBe(false);
  },
);

test.each(["a", "a b", "a\tb", "\xe9", "!", "~"])("%j is a field value", (value) => {
  expect(isFieldValue(value)).toBe(true);
});

test.each([undefined, null, 1, {}, ["a"]])("%j is no field value, since it is no text", (value) => {
  expect(isFieldValue(value)).toBe(false);
});
