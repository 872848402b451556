import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../../src/index.ts";
import { jwt } from "../../../src/jwt.ts";
import { issuesFrom } from "../../lib/harness.ts";
import { around, expectAccepted, options, secret, token } from "./support.ts";

const untyped = jwt as unknown as (value?: unknown) => unknown; // JavaScript callers have no types
const mistakes = (value?: unknown): readonly string[] => issuesFrom(() => untyped(value)).map(({ path }) => path);
const mistake = (changes: object): string =>
  issuesFrom(() => untyped({ ...options, ...changes }))
    .map(({ path, message }) => `${path}: ${message}`)
    .join("\n");

test("all mistakes are told at once, each with its path", () => {
  const wrong = {
    issuer: "",
    audience: [],
    secret: "short",
    jwks: "https://id.example.com/keys",
    algorithms: ["RS256", "none"],
    realm: "a\r\nb",
    resourceMetadata: "http://api.example.com/",
    scopes: ["a b"],
    scopesFrom: "scopes",
    claims: {},
    clockToleranceSeconds: 301,
    maxLifetimeSeconds: 0,
    typ: [],
    cache: { maxEntries: 0, ttlSeconds: 61, size: 1 },
    clockTolerance: 5,
  };
  expect(() => untyped(wrong)).toThrow(ConfigError);
  expect(new Set(mistakes(wrong))).toEqual(
    new Set(
      [
        ...["issuer", "audience", "secret", "jwks", "algorithms", "realm", "resourceMetadata", "scopes", "scopesFrom"],
        ...["claims", "clockToleranceSeconds", "maxLifetimeSeconds", "typ", "clockTolerance"],
        ...["cache.maxEntries", "cache.ttlSeconds", "cache.size"],
      ].map((key) => `jwt.${key}`),
    ),
  );
});

test.each([[undefined], [null], ["https://id.example.com/"], [[]], [1]])("%j is not options", (value) => {
  expect(mistakes(value)).toEqual(["jwt"]);
});

test("nothing that is a decision of trust has a default", () => {
  expect(mistakes({})).toEqual(["jwt.issuer", "jwt.jwks", "jwt.audience"]);
  expect(mistakes({ ...options, algorithms: undefined })).toEqual(["jwt.algorithms"]);
  const { algorithms: _, ...rest } = options;
  expect(mistakes(rest)).toEqual(["jwt.algorithms"]);
});

test.each([
  ...Object.keys(options),
  "jwks",
  "realm",
  "claims",
  "cache",
  "scopes",
  "scopesFrom",
  "typ",
  "resourceMetadata",
])("%s that is there and undefined is a mistake", (key) => {
  expect(mistake({ [key]: undefined })).toContain(`jwt.${key}: `);
});

describe("what cannot be", () => {
  const set = { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", kid: "k" }] };
  const withKeys = { issuer: options.issuer, audience: options.audience, jwks: set };

  test.each<readonly [string, object, RegExp]>([
    ["a text with space around it as issuer", { issuer: " https://id.example.com/" }, /issuer: ".*without space/],
    ["an empty list of issuers", { issuer: [] }, /issuer: /],
    ["an issuer that is no text", { issuer: [1] }, /issuer: 1 /],
    ["a URL as issuer", { issuer: new URL("https://id.example.com/") }, /issuer: /],
    ["an empty audience", { audience: "" }, /audience: /],
    ["an audience that is no text", { audience: ["api", null] }, /audience: null /],
    ["an audience in another claim", { audience: { claim: "sub", values: ["a"] } }, /audience\.claim: "sub"/],
    ["an audience without values", { audience: { claim: "azp" } }, /audience\.values: /],
    ["an audience without a claim", { audience: { values: ["a"] } }, /audience\.claim: is missing/],
    ["an audience with more", { audience: { claim: "azp", values: ["a"], value: "a" } }, /audience\.value: unknown/],
    ["jwks beside secret", { jwks: set }, /jwks: cannot stand beside/],
    ["a cache of key sets beside secret", { keySetCache: new Map() }, /keySetCache: cannot stand beside/],
    ["staleness beside secret", { staleIfErrorSeconds: 1 }, /staleIfErrorSeconds: cannot stand beside/],
    ["no algorithm", { algorithms: [] }, /algorithms: \[\] /],
    ["algorithms as text", { algorithms: "HS256" }, /algorithms: "HS256" /],
    ["the algorithm none", { algorithms: ["none"] }, /algorithms: "none" is unknown/],
    ["an algorithm of keys for a secret", { algorithms: ["ES256"] }, /"ES256" is for `jwks`/],
    ["an algorithm in another case", { algorithms: ["hs256"] }, /"hs256" is unknown/],
    ["a realm that is empty", { realm: "" }, /realm: /],
    ["a realm with a line break", { realm: 'x"\r\nSet-Cookie: a=b' }, /realm: /],
    ["a realm beyond ASCII", { realm: "Büro" }, /realm: /],
    ["a realm that is no text", { realm: 1 }, /realm: 1 /],
    ["metadata over http", { resourceMetadata: "http://api.example.com/" }, /resourceMetadata: .*https/],
    ["metadata with a fragment", { resourceMetadata: "https://api.example.com/#a" }, /resourceMetadata: .*fragment/],
    ["metadata with a password", { resourceMetadata: "https://a:b@api.example.com/" }, /resourceMetadata: .*password/],
    ["metadata with a quotation mark", { resourceMetadata: 'https://api.example.com/"' }, /resourceMetadata: /],
    ["metadata with a space", { resourceMetadata: "https://api.example.com/ a" }, /resourceMetadata: /],
    ["metadata with a line break", { resourceMetadata: "https://api.example.com/\r\na" }, /resourceMetadata: /],
    ["metadata that is no URL", { resourceMetadata: "https://" }, /resourceMetadata: /],
    ["metadata by a path", { resourceMetadata: "/.well-known/oauth-protected-resource" }, /resourceMetadata: /],
    ["no scopes", { scopes: [] }, /scopes: is empty/],
    ["a scope with a space", { scopes: ["a", "b c"] }, /scopes: "b c"/],
    ["a scope with a quotation mark", { scopes: ['a"'] }, /scopes: /],
    ["scopes that are no list", { scopes: "a b" }, /scopes: /],
    ["another source of scopes", { scopesFrom: "groups" }, /scopesFrom: "groups" must be a function, or one of/],
    ["a schema that is none", { claims: { type: "object" } }, /claims: .*Standard Schema/],
    ["a schema that is a function", { claims: () => true }, /claims: .*Standard Schema/],
    ["a tolerance below 0", { clockToleranceSeconds: -1 }, /clockToleranceSeconds: -1 /],
    ["a tolerance of fractions", { clockToleranceSeconds: 0.5 }, /clockToleranceSeconds: 0\.5 /],
    ["a tolerance without end", { clockToleranceSeconds: Infinity }, /clockToleranceSeconds: /],
    ["a lifetime of years", { maxLifetimeSeconds: 31_536_001 }, /maxLifetimeSeconds: /],
    ["types as text", { typ: "JWT" }, /typ: "JWT" /],
    ["an empty type", { typ: ["JWT", ""] }, /typ: "" /],
    ["a cache without bounds", { cache: {} }, /cache\.maxEntries: is missing\n.*cache\.ttlSeconds: is missing/],
    ["a cache by its name", { cache: true }, /cache: true is not an object/],
    ["a cache beyond its bounds", { cache: { maxEntries: 100_001, ttlSeconds: 61 } }, /maxEntries: .*\n.*ttlSeconds: /],
    ["another option", { leeway: 5 }, /leeway: unknown option/],
  ])("%s", (_name, changes, expected) => {
    expect(mistake(changes)).toMatch(expected);
    expect(mistake(changes)).not.toContain(secret);
  });

  test("HMAC with a key set", () => {
    expect(issuesFrom(() => untyped({ ...withKeys, algorithms: ["HS256"] }))[0]?.message).toMatch(/is for `secret`/);
  });

  test("keys that are none, for each issuer that has such", () => {
    const of = (iss: string): unknown => (iss.endsWith("1") ? set : "http://id.example.com/keys");
    const issues = issuesFrom(() => untyped({ ...withKeys, issuer: ["i1", "i2", "i3"], jwks: of }));
    expect(issues.map(({ path }) => path)).toEqual(["jwt.jwks", "jwt.jwks"]);
    expect(issues.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^for "i2": must be an https URL/),
      expect.stringMatching(/^for "i3": must be an https URL/),
    ]);
  });

  test("a mistake that concerns all issuers is told once", () => {
    const jwks = (iss: string): string => `https://${iss}.example/keys`;
    expect(mistakes({ ...withKeys, issuer: ["a", "b"], jwks, staleIfErrorSeconds: -1 })).toEqual([
      "jwt.staleIfErrorSeconds",
    ]);
  });
});

test("all options together are none too many", async () => {
  const by = around(
    jwt({
      secret,
      algorithms: ["HS256"],
      issuer: [options.issuer as string, "https://two.example/"],
      audience: ["api", "web"],
      realm: "notes",
      resourceMetadata: "http://localhost:3000/.well-known/oauth-protected-resource",
      scopes: ["notes:read", "notes:write"],
      scopesFrom: "scope",
      claims: z.looseObject({ sub: z.string() }),
      clockToleranceSeconds: 0,
      maxLifetimeSeconds: 3600,
      typ: ["at+jwt"],
      cache: { maxEntries: 1, ttlSeconds: 1 },
    }),
  );
  await expectAccepted(await token(), by);
});

test("options without a prototype are options, and inherited ones are none", () => {
  expect(mistakes(Object.assign(Object.create(null), options))).toEqual([]);
  expect(mistakes(Object.create(options))).toEqual(["jwt.issuer", "jwt.jwks", "jwt.audience"]);
});

test("construction does no I/O", () => {
  const auth = jwt({ jwks: "https://id.invalid/keys", issuer: "https://id.invalid/", audience: "api" });
  expect(Object.keys(auth)).toEqual(["name", "challenge", "present", "authenticate", "warmup", "purge"]);
  expect(auth).toMatchObject({ name: "jwt", challenge: 'Bearer realm="api"' });
});

describe("caching options beside keys for each issuer", () => {
  const ownKeys = { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] };
  const issuer = ["https://a.example/", "https://b.example/"];
  const asked = (jwks: (issuer: string) => unknown): readonly string[] =>
    mistakes({ issuer, audience: "api", jwks, staleIfErrorSeconds: 60 });

  test("are for those that are fetched, where others are given", () => {
    expect(asked((name) => (name === issuer[0] ? "https://a.example/keys" : ownKeys))).toEqual([]);
  });

  test("are a mistake where all are given", () => {
    expect(asked(() => ownKeys)).toEqual(["jwt.staleIfErrorSeconds"]);
  });
});
