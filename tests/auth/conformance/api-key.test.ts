import { describe, test } from "vitest";
import { apiKey } from "../../../src/auth/api-key/api-key.ts";
import { generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import type { ApiKeyEntry } from "../../../src/auth/api-key/lookup.ts";
import type { ApiKeyOptions } from "../../../src/auth/api-key/options.ts";
import { type AuthenticatorExample, testAuthenticator } from "../../../src/testing.ts";
import { asBearer, inField, pepper, prefix } from "../api-key/support.ts";
import { sessionCookies, sessions, signed } from "./authenticators.ts";

type Entry = ApiKeyEntry<{ readonly plan: string }>;

/** An example over three keys, of which one has expired, however they are looked up and sent. */
async function example(
  lookup: (entries: readonly Entry[]) => ApiKeyOptions<{ readonly plan: string }>["lookup"],
  send: (key: string) => Record<string, string>,
  options: object = {},
): Promise<AuthenticatorExample> {
  const made = await Promise.all(Array.from({ length: 4 }, () => generateApiKey(prefix, options)));
  const entries = made.slice(0, 3).map(({ hash, id }, index) => ({
    hash,
    id,
    scopes: ["notes:read"],
    meta: { plan: "pro" },
    ...(index === 2 && { expiresAt: new Date(0) }),
  }));
  const [ada = "", bob = "", expired = "", unknown = ""] = made.map(({ key }) => key);
  return {
    authenticator: apiKey({ prefix, scopes: ["notes:read"], lookup: lookup(entries), ...options }),
    good: [send(ada), send(bob)],
    bad: [send(expired), send(unknown), send(`${prefix}_x`), send(`${ada.slice(0, -1)}~`)],
  };
}

/** As a database does: another object each time. */
const inDatabase = (entries: readonly Entry[]) => async (hash: string) =>
  structuredClone(entries.find((entry) => entry.hash === hash) ?? null);

describe("apiKey over a list, in its field", () => {
  testAuthenticator(() => example((entries) => entries, inField), { test });
});

describe("apiKey over a function, as Bearer", () => {
  testAuthenticator(() => example(inDatabase, asBearer), { test });
});

describe("apiKey with a pepper", () => {
  testAuthenticator(() => example(inDatabase, inField, { pepper }), { test });
});

describe.each([
  ["sessions", sessions],
  ["cookies", sessionCookies],
  ["signatures in two fields", signed],
])("an authenticator that anybody may write: %s", (_what, make) => {
  testAuthenticator(make, { test });
});
