import { describe, expect, test } from "vitest";
import { type AuthenticatorExample, testAuthenticator } from "../../../src/testing.ts";
import { sessionCookies, sessions, signed } from "./authenticators.ts";
import { brokenCredentials } from "./broken-credentials.ts";
import { brokenIdentities } from "./broken-identities.ts";
import { type Change, having } from "./changes.ts";

const broken = [...brokenCredentials, ...brokenIdentities];

/** Runs the suite by hand, and gives the names and messages of the tests that fail. */
async function failuresOf(make: () => AuthenticatorExample, change: Change): Promise<readonly string[]> {
  const tests = new Map<string, () => Promise<void>>();
  const makeExample = (): AuthenticatorExample => {
    const example = make();
    return { ...example, ...change(example) };
  };
  testAuthenticator(makeExample, { test: (name, run) => tests.set(name, run) });
  const failures: string[] = [];
  for (const [name, run] of tests) {
    await run().catch((error: unknown) => failures.push(`${name}: ${Object(error).message}`));
  }
  return failures;
}

describe("the suite finds an authenticator that", () => {
  test.each(broken)("%s", async (_what, change, finding) => {
    expect((await failuresOf(sessions, change)).join("\n")).toMatch(finding);
  });

  test("is in a cookie and does not say whether browsers send it", async () => {
    const failures = await failuresOf(sessionCookies, ({ authenticator: { ambient: _, ...silent } }) => ({
      authenticator: silent,
    }));
    expect(failures.join("\n")).toMatch(/says whether it is ambient where the credential is in a cookie/);
  });

  test("accepts half of a credential in two fields", async () => {
    const forgetful: Change = having(({ authenticate }) => ({
      authenticate: (request: Request, context: Parameters<typeof authenticate>[1]) => {
        const name = request.headers.get("x-key-id");
        return request.headers.has("x-signature")
          ? authenticate(request, context)
          : { method: "signature", subject: name, scopes: new Set() };
      },
    }));
    expect((await failuresOf(signed, forgetful)).join("\n")).toMatch(
      /good\[0\] without its X-Signature must be refused/,
    );
  });
});

const machineCookies = (): AuthenticatorExample => ({
  ...sessionCookies(),
  authenticator: Object.assign(sessionCookies().authenticator, { ambient: false }),
});

test.each([
  ["sessions", sessions],
  ["cookies", sessionCookies],
  ["signatures in two fields", signed],
  ["cookies that no browser sends", machineCookies],
])("the suite finds nothing in the authenticator that was broken: %s", async (_what, make) => {
  expect(await failuresOf(make, () => ({}))).toEqual([]);
});

test("no message of the suite shows a credential", async () => {
  const messages = await Promise.all(broken.slice(0, 12).map(([, change]) => failuresOf(sessions, change)));
  expect(messages.flat().join("\n")).not.toMatch(/s3cr3t-of-(?:ada|bob|nobody)/);
});

test("the suite calls close with each example, also when a test fails", async () => {
  const closed = new Set<AuthenticatorExample>();
  const runs: (() => Promise<void>)[] = [];
  const makeExample = (): AuthenticatorExample => ({ ...sessions(), bad: [{ Authorization: "Bearer s3cr3t-of-ada" }] });
  testAuthenticator(makeExample, {
    test: (_name, run) => runs.push(run),
    close: (example) => void closed.add(example),
  });
  const results = await Promise.allSettled(runs.map((run) => run()));
  expect(closed.size).toBe(runs.length);
  expect(results.some(({ status }) => status === "rejected")).toBe(true);
});
