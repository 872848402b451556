import { describe, expect, test } from "vitest";
import { session } from "../../examples/readme/auth.ts";
import { policy } from "../../src/index.ts";
import { testAuthenticator } from "../../src/testing.ts";
import { get, silent } from "../lib/harness.ts";

describe("the README's own authenticator", () => {
  testAuthenticator(
    () => ({
      authenticator: session,
      good: [{ Authorization: "Bearer s3cr3t" }, { Authorization: "Bearer s3cr3t-too" }],
      bad: [{ Authorization: "Bearer s3cr3t-of-nobody" }],
    }),
    { test },
  );

  test("has guesses at it counted", async () => {
    const authFailures = { limit: 3, windowSeconds: 60 };
    const api = policy({ auth: session, authFailures, clientIp: { onUnknownAddress: "shared" }, onEvent: silent });
    const fetch = api(() => new Response());
    const guess = async (): Promise<number> => (await fetch(get("/", { authorization: "Bearer guess" }))).status;
    expect([await guess(), await guess(), await guess(), await guess()]).toEqual([401, 401, 401, 429]);
  });
});
