import { expect, test } from "vitest";
import { apiKey } from "../../../src/auth/api-key/api-key.ts";
import type { ApiKeyOptions } from "../../../src/auth/api-key/options.ts";
import { policy } from "../../../src/index.ts";
import { issuesFrom, ok } from "../../lib/harness.ts";

const right = { prefix: "acme_live", lookup: (): null => null };
const hash = "a".repeat(64);
const entry = { hash, id: "key-1", scopes: ["notes:read"] };

/** The mistakes that `apiKey()` finds, as `path: message`. */
function mistakesIn(options: unknown): readonly string[] {
  const wrong = options as ApiKeyOptions; // JavaScript callers have no types
  return issuesFrom(() => apiKey(wrong)).map(({ path, message }) => `${path}: ${message}`);
}

test.each([
  [{ lookup: (): null => null }, /^apiKey.prefix: is missing/],
  [{ ...right, prefix: "acme_live_" }, /^apiKey.prefix: "acme_live_" must be at most 32 characters/],
  [{ ...right, prefix: "ewo" }, /^apiKey.prefix: "ewo" is what a JWT may begin with/],
  [{ prefix: "acme_live" }, /^apiKey.lookup: must be a function .* or a list/],
  [{ ...right, lookup: {} }, /^apiKey.lookup: must be a function/],
  [{ ...right, header: "x api key" }, /^apiKey.header: "x api key" is not the name of a field/],
  [{ ...right, header: "" }, /^apiKey.header: "" is not the name of a field/],
  [{ ...right, header: 7 }, /^apiKey.header: 7 is not the name of a field/],
  [{ ...right, header: "authorization" }, /^apiKey.header: "authorization" has a form of its own/],
  [{ ...right, header: "Cookie" }, /^apiKey.header: "Cookie" has a form of its own/],
  [{ ...right, scopes: [] }, /^apiKey.scopes: is empty/],
  [{ ...right, scopes: "notes:read" }, /^apiKey.scopes: "notes:read" must be a list of strings/],
  [{ ...right, scopes: ["notes read"] }, /^apiKey.scopes: "notes read" is not a scope/],
  [{ ...right, realm: "" }, /^apiKey.realm: "" must be a text of printable ASCII/],
  [{ ...right, realm: "api\r\nSet-Cookie: a=1" }, /^apiKey.realm: .* must be a text of printable ASCII/],
  [{ ...right, realm: "käse" }, /^apiKey.realm: "käse" must be a text of printable ASCII/],
  [{ ...right, pepper: "short" }, /^apiKey.pepper: must be at least 16 bytes long/],
  [{ ...right, pepper: ["a pepper of many bytes", 7] }, /^apiKey.pepper\[1\]: must be a string or a Uint8Array/],
  [{ ...right, pepper: undefined }, /^apiKey.pepper: is undefined/],
  [{ ...right, peper: "a pepper of many bytes" }, /^apiKey.peper: unknown option/],
  [undefined, /^apiKey: undefined is not an object of options/],
  [{ ...right, lookup: [{ ...entry, hash: "A".repeat(64) }] }, /^apiKey.lookup\[0\].hash: must be 64 lower-case/],
  [{ ...right, lookup: [{ ...entry, hash: hash.slice(1) }] }, /^apiKey.lookup\[0\].hash: must be 64 lower-case/],
  [{ ...right, lookup: [{ ...entry, hash: [hash] }] }, /^apiKey.lookup\[0\].hash: must be 64 lower-case/],
  [{ ...right, lookup: [{ id: "key-1", scopes: [] }] }, /^apiKey.lookup\[0\].hash: must be 64 lower-case/],
  [{ ...right, lookup: [entry, { ...entry, id: "key-2" }] }, /^apiKey.lookup\[1\].hash: is there twice/],
  [{ ...right, lookup: [{ ...entry, id: "" }] }, /^apiKey.lookup\[0\].id: must be a text that is not empty/],
  [{ ...right, lookup: [{ ...entry, scopes: "notes:read" }] }, /^apiKey.lookup\[0\].scopes: must be a list of scopes/],
  [{ ...right, lookup: [{ ...entry, scopes: ["a b"] }] }, /^apiKey.lookup\[0\].scopes: must be a list of scopes/],
  [{ ...right, scopes: ["notes:write"], lookup: [entry] }, /^apiKey.lookup\[0\].scopes: "notes:read" is not one of/],
  [{ ...right, lookup: [{ ...entry, expiresAt: 1 }] }, /^apiKey.lookup\[0\].expiresAt: must be a valid Date/],
  [{ ...right, lookup: [{ ...entry, expiresAt: new Date("soon") }] }, /^apiKey.lookup\[0\].expiresAt: must be a valid/],
  [{ ...right, lookup: [{ ...entry, expiresAt: undefined }] }, /^apiKey.lookup\[0\].expiresAt: is undefined/],
  [{ ...right, lookup: [{ ...entry, expires: new Date() }] }, /^apiKey.lookup\[0\].expires: unknown option/],
  [{ ...right, lookup: ["key"] }, /^apiKey.lookup\[0\]: a text is not an object/],
])("%j is a mistake", (options, expected) => {
  const mistakes = mistakesIn(options);
  expect(mistakes[0] ?? "none").toMatch(expected);
});

test("all mistakes come at once, and no secret is in them", () => {
  const mistakes = mistakesIn({ prefix: "Acme", header: "a b", realm: "", pepper: "canary", lookup: [{}], x: 1 });
  expect(mistakes.map((mistake) => mistake.split(":")[0])).toEqual([
    "apiKey.prefix",
    "apiKey.header",
    "apiKey.realm",
    "apiKey.lookup[0].hash",
    "apiKey.lookup[0].id",
    "apiKey.lookup[0].scopes",
    "apiKey.pepper",
    "apiKey.x",
  ]);
  expect(mistakes.join()).not.toContain("canary");
});

test("the least is a prefix and a lookup", () => {
  const { name, challenge, fields, scopes, ambient, prefix } = apiKey(right);
  expect({ name, challenge, fields, scopes, ambient, prefix }).toEqual({
    name: "api-key",
    challenge: 'ApiKey realm="api", header="x-api-key"',
    fields: ["X-API-Key", "Authorization"],
    scopes: undefined,
    ambient: undefined,
    prefix: "acme_live_",
  });
  expect(issuesFrom(() => apiKey({ ...right, lookup: [] }))).toEqual([]);
});

test("a scope that is not declared is a mistake in a requirement; where none is, any may be asked for", () => {
  const api = policy({ auth: apiKey({ ...right, scopes: ["notes:read"] }) });
  // @ts-expect-error not declared
  expect(() => api({ scopes: ["notes:delete"] }, ok)).toThrow("requirements.scopes");
  expect(issuesFrom(() => api({ scopes: ["notes:read"] }, ok))).toEqual([]);
  expect(issuesFrom(() => policy({ auth: apiKey(right) })({ scopes: ["anything"] }, ok))).toEqual([]);
});
