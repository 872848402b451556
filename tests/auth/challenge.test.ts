import fc from "fast-check";
import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { get, mistakesIn, silent } from "../lib/harness.ts";
import { schemeOf, whoami } from "./support.ts";

const bearer = schemeOf("Bearer", "token");

/** The challenge of a 401 of a policy whose authenticator has this one, under a handler that asks for scopes. */
async function sent(challenge: string): Promise<string | null> {
  const fetch = policy({ auth: { ...bearer, challenge }, onEvent: silent })({ scopes: ["a", "b"] }, whoami);
  return (await fetch(get())).headers.get("www-authenticate");
}

test.each([
  ["Bearer", 'Bearer scope="a b"'],
  ["bearer realm=api", 'bearer realm=api, scope="a b"'],
  ['DPoP realm="api", algs="ES256"', 'DPoP realm="api", scope="a b", algs="ES256"'],
  ['Bearer realm="x", Basic realm="y"', 'Bearer realm="x", scope="a b", Basic realm="y"'],
  ['Basic realm="x, y=\\"z\\""', 'Basic realm="x, y=\\"z\\""'],
])("%s", async (challenge, expected) => {
  expect(await sent(challenge)).toBe(expected);
});

test.each([
  "",
  'realm="api"',
  'Bearer realm="api',
  "Bearer realm=",
  'Bearer realm="api" error="x"',
  "Bearer ä",
  'Bearer realm="a\r\nb"',
  " Bearer",
  42,
  undefined,
])("%j is a config error", (challenge) => {
  expect(mistakesIn({ auth: { ...bearer, challenge } })).toEqual([
    `auth.challenge: must be a WWW-Authenticate value such as 'Bearer realm="api"'`,
  ]);
});

test("whatever text a realm has, scopes never get into it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(..."a ,=;:/() ".split(""), '\\"', "\\\\") }), async (realm) => {
      expect(await sent(`Bearer realm="${realm}", charset="x"`)).toBe(
        `Bearer realm="${realm}", scope="a b", charset="x"`,
      );
    }),
    { numRuns: 200 },
  );
});
