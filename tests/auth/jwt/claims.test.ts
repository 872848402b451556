import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { policy } from "../../../src/index.ts";
import { type JwtIdentity, jwt } from "../../../src/jwt.ts";
import {
  around,
  audience,
  claims,
  expectAccepted,
  expectRefused,
  issuer,
  now,
  options,
  request,
  secret,
  token,
} from "./support.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const withClaims = (changes: Record<string, unknown>): Promise<string> => token(claims(changes));

describe("a time that is no number of seconds", () => {
  const wrong = [null, "1800000600", "", true, [], {}, [1_800_000_600], -1, 253_402_300_800, 1_800_000_600_000, 1e300];

  test.each(wrong)("exp: %j", async (exp) => {
    await expectRefused(await withClaims({ exp }), "malformed_time");
  });
  test.each(wrong)("nbf: %j", async (nbf) => {
    await expectRefused(await withClaims({ nbf }), "malformed_time");
  });
  test.each(wrong)("iat: %j", async (iat) => {
    await expectRefused(await withClaims({ iat }), "malformed_time");
  });
  test("exp is missing", async () => {
    await expectRefused(await withClaims({ exp: undefined }), "missing_expiry");
  });
  test.each(["NaN", "Infinity", "-Infinity", "0x6b49d200", "1e400", "-1e400"])("exp: %s", async (text) => {
    await expectRefused(
      await token(JSON.stringify(claims()).replace(/"exp":\d+/, `"exp":${text}`)),
      "malformed_claims",
    );
  });
  test("fractions and the end of the year 9999 are times", async () => {
    await expectAccepted(await withClaims({ exp: now() + 0.5, nbf: now() - 0.5, iat: now() - 1.25 }));
    await expectAccepted(await withClaims({ exp: 253_402_300_799, nbf: 0, iat: 0 }));
  });
  test("nbf and iat may be missing", async () => {
    await expectAccepted(await withClaims({ iat: undefined }));
  });
});

describe("at the boundary of the tolerance", () => {
  const strict = around({ ...options, clockToleranceSeconds: 0 });
  const loose = around({ ...options, clockToleranceSeconds: 300 });

  test.each([
    [around(options), 30],
    [strict, 0],
    [loose, 300],
  ])("%#: exp is the first second at which the token is expired", async (by, tolerance) => {
    await expectRefused(await withClaims({ exp: now() - tolerance - 1 }), "expired", by, "expired");
    await expectRefused(await withClaims({ exp: now() - tolerance }), "expired", by, "expired");
    await expectAccepted(await withClaims({ exp: now() - tolerance + 1 }), by);
  });

  test.each([
    [around(options), 30],
    [strict, 0],
    [loose, 300],
  ])("%#: nbf is the first second at which it is valid", async (by, tolerance) => {
    await expectAccepted(await withClaims({ nbf: now() + tolerance }), by);
    await expectRefused(await withClaims({ nbf: now() + tolerance + 1 }), "not_yet_valid", by, "early");
  });

  test.each([
    [around(options), 30],
    [strict, 0],
    [loose, 300],
  ])("%#: iat is not in the future", async (by, tolerance) => {
    await expectAccepted(await withClaims({ iat: now() + tolerance }), by);
    await expectRefused(await withClaims({ iat: now() + tolerance + 1 }), "issued_in_future", by, "early");
  });

  test("a token expires while time goes by", async () => {
    const text = await withClaims({ exp: now() + 10 });
    await expectAccepted(text);
    vi.setSystemTime(Date.now() + 39_999);
    await expectAccepted(text);
    vi.setSystemTime(Date.now() + 1);
    await expectRefused(text, "expired", around(options), "expired");
  });
});

test("an expired token says so without a look at its signature, an early one only with a good signature", async () => {
  const forged = async (changes: Record<string, unknown>): Promise<string> =>
    `${(await withClaims(changes)).slice(0, -4)}AAAA`;
  await expectRefused(await forged({ exp: 1 }), "expired", around(options), "expired");
  await expectRefused(await forged({ nbf: now() + 1000 }), "bad_signature");
  await expectRefused(await forged({ iat: now() + 1000 }), "bad_signature");
});

describe("maxLifetimeSeconds", () => {
  const limited = around({ ...options, maxLifetimeSeconds: 600 });
  test("is from iat to exp", async () => {
    await expectAccepted(await withClaims({ iat: now() - 100, exp: now() + 500 }), limited);
    await expectRefused(await withClaims({ iat: now() - 100, exp: now() + 501 }), "lifetime_too_long", limited);
  });
  test("needs iat", async () => {
    await expectRefused(await withClaims({ iat: undefined }), "malformed_time", limited);
  });
});

describe("iss", () => {
  test.each([
    ["missing", undefined],
    ["null", null],
    ["a list", [issuer]],
    ["empty", ""],
    ["without its slash", "https://id.example.com"],
    ["with another slash", "https://id.example.com//"],
    ["in another case", "https://ID.example.com/"],
    ["a beginning of it", "https://id.example.co"],
    ["more than it", `${issuer}evil`],
    ["another", "https://evil.example/"],
    ["an object", { [issuer]: 1 }],
  ])("%s is not the issuer", async (_name, iss) => {
    await expectRefused(await withClaims({ iss }), "wrong_issuer");
  });
});

describe("aud", () => {
  const several = around({ ...options, audience: ["first", "second"] });
  test.each([
    ["text", "api"],
    ["a list", ["api"]],
    ["a list of several", ["web", "api"]],
  ])("%s", async (_name, aud) => {
    await expectAccepted(await withClaims({ aud }));
  });

  test.each([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["an empty list", []],
    ["a number", 1],
    ["an object", { api: true }],
    ["a part of it", "ap"],
    ["more than it", "api2"],
    ["text that holds it", "web api"],
    ["in another case", "API"],
    ["another", ["web"]],
    ["a list with something else in it", ["api", 1]],
    ["a list in a list", [["api"]]],
  ])("%s is not the audience", async (_name, aud) => {
    await expectRefused(await withClaims({ aud }), "wrong_audience");
  });

  test("is one of several", async () => {
    await expectAccepted(await withClaims({ aud: "second" }), several);
    await expectAccepted(await withClaims({ aud: ["x", "first"] }), several);
    await expectRefused(await withClaims({ aud: "third" }), "wrong_audience", several);
  });

  test.each(["client_id", "azp"] as const)("is in %s for issuers whose tokens have no aud", async (claim) => {
    const by = around({ ...options, audience: { claim, values: ["web", "app"] } });
    await expectAccepted(await withClaims({ aud: undefined, [claim]: "app" }), by);
    for (const value of [undefined, null, "", "we", "other", ["web"], 1])
      await expectRefused(await withClaims({ aud: "web", [claim]: value }), "wrong_audience", by);
  });
});

describe("sub", () => {
  test.each([[undefined], [null], [""], [1], [true], [["ann"]], [{}]])("%j is no subject", async (sub) => {
    await expectRefused(await withClaims({ sub }), "missing_subject");
  });
});

describe("a token that is bound to a key of its sender", () => {
  test.each([
    ["DPoP", { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }],
    ["mutual TLS", { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }],
    ["a key in the token", { jwk: { kty: "OKP" } }],
    ["nothing", {}],
    ["null", null],
  ])("%s is no bearer token", async (_name, cnf) => {
    await expectRefused(await withClaims({ cnf }), "sender_constrained");
  });
});

describe("the identity", () => {
  const auth = jwt(options);
  const api = policy({ auth });
  const seen = async (text: string): Promise<JwtIdentity> => {
    const found: JwtIdentity[] = [];
    await api((_request, context) => {
      found.push(context.auth);
      return new Response();
    })(request(`Bearer ${text}`));
    const [identity] = found;
    if (identity === undefined) throw new Error("the handler was not reached");
    return identity;
  };

  test("has the token's subject, issuer, scopes and claims", async () => {
    const { method, subject, issuer: by, scopes, claims: given } = await seen(await withClaims({ org: { id: 1 } }));
    expect({ method, subject, by, scopes: [...scopes] }).toEqual({
      method: "jwt",
      subject: "ann",
      by: issuer,
      scopes: ["notes:read", "notes:write"],
    });
    expect(given).toMatchObject({ iss: issuer, aud: audience, sub: "ann", org: { id: 1 } });
  });

  test("is frozen and has no prototype, nor have its claims", async () => {
    const identity = await seen(await withClaims({ org: { ids: [{ a: 1 }] } }));
    const { claims: given } = identity;
    const org = given.org as { ids: { a: number }[] }; // as it was put in
    for (const value of [identity, given, org, org.ids, org.ids[0]]) expect(Object.isFrozen(value)).toBe(true);
    for (const value of [identity, given]) expect(Object.getPrototypeOf(value)).toBe(null);
    expect(given.constructor).toBe(undefined);
    expect(given.toString).toBe(undefined);
    expect(() => Object.assign(given, { sub: "eve" })).toThrow(TypeError);
  });

  test("holds a claim that is named as a member of objects is", async () => {
    const { claims: given } = await seen(await withClaims({ constructor: "Acme", hasOwnProperty: 1 }));
    expect(given).toMatchObject({ constructor: "Acme", hasOwnProperty: 1 });
  });
});

test("the token of an issuer that was told of a secret by bytes is the same as by text", async () => {
  const bytes = new TextEncoder().encode(secret);
  const by = around({ ...options, secret: bytes });
  bytes.fill(0); // what was configured is what counts
  await expectAccepted(await withClaims({}), by);
});
