import type { MaybePromise } from "../lib/maybe-promise.ts";
import { credentialLaws } from "./authenticator-credential-laws.ts";
import { identityLaws } from "./authenticator-identity-laws.ts";
import { policyLaws } from "./authenticator-policy-laws.ts";
import { type AuthenticatorExample, AuthenticatorUnderTest } from "./authenticator-under-test.ts";
import type { RegisterTest } from "./store.ts";

/** The settings of `testAuthenticator()`. */
export interface TestAuthenticatorOptions {
  readonly test: RegisterTest;
  /** Called after each test with its example. */
  readonly close?: (example: AuthenticatorExample) => MaybePromise<void>;
}

/**
 * Tests an authenticator as those of this package are tested: it registers some twenty tests, each with an authenticator
 * of its own. The example says what good and bad credentials look like; the suite makes many more bad ones of them.
 *
 * @example
 * ```ts
 * import { testAuthenticator } from "mantlet/testing";
 * import { test } from "vitest"; // or node:test, bun:test, Deno.test
 *
 * const makeExample = () => ({
 *   authenticator: sessions(),
 *   good: [{ Authorization: "Bearer s3cr3t-of-ada" }, { Authorization: "Bearer s3cr3t-of-bob" }],
 *   bad: [{ Authorization: "Bearer s3cr3t-of-nobody" }],
 * });
 * testAuthenticator(makeExample, { test });
 * ```
 */
export function testAuthenticator(
  makeExample: () => MaybePromise<AuthenticatorExample>,
  options: TestAuthenticatorOptions,
): void {
  const { test, close } = options;
  for (const { name, run } of [...credentialLaws, ...identityLaws, ...policyLaws]) {
    test(name, async () => {
      const example = await makeExample();
      try {
        await run(new AuthenticatorUnderTest(example));
      } finally {
        await close?.(example);
      }
    });
  }
}
