import { describe, expect, test } from "vitest";
import { ConfigError, policy } from "../src/index.ts";
import { expectMistake, mistakesIn, ok, tokens, untyped } from "./lib/harness.ts";

test("one configuration with nine mistakes gives one error that names all nine with their fixes", () => {
  const mistakes = mistakesIn({
    headers: { contentSecurityPolicy: { defaultSrc: ["self"] }, strictTransportSecurity: { preload: true } },
    requestId: { inbound: "always" },
    cors: { origins: ["https://app.example.com/"] },
    crossOrigin: "none",
    rateLimit: { limit: 0, windowSeconds: 60 },
    routes: { "/admin/": {} },
    requireHttps: "yes",
    ratelimit: {},
  });
  const named = [
    [/^headers\.contentSecurityPolicy\.defaultSrc: /, /write "'self'"/],
    [/^headers\.strictTransportSecurity\.preload: /, /needs includeSubDomains/],
    [/^requestId\.inbound: /, /must be "accept" or a function/],
    [/^cors\.origins\[0\]: /, /https:\/\/app\.example\.com/],
    [/^crossOrigin: /, /must be "off"/],
    [/^rateLimit\.limit: /, /from 1 to 1000000/],
    [/^routes\["\/admin\/"\]: /, /without a slash at the end|slash at the end/],
    [/^requireHttps: /, /true or false/],
    [/^ratelimit: /, /unknown option.*rateLimit/],
  ] as const;
  for (const [path, fix] of named) {
    const found = mistakes.filter((mistake) => path.test(mistake));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fix);
  }
  expect(mistakes).toHaveLength(named.length);
});

test("a ConfigError is a TypeError whose message lists its issues", () => {
  try {
    untyped({ requireHttps: 1, onEvent: "console" });
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.name).toBe("ConfigError");
    expect(error.issues.map(({ path }) => path).sort()).toEqual(["onEvent", "requireHttps"]);
    expect(error.message).toContain("2 mistakes");
    for (const { path, message } of error.issues) expect(error.message).toContain(`${path}: ${message}`);
  }
});

test("one mistake is counted as one", () => {
  expect(() => untyped({ requireHttps: 1 })).toThrow(/^1 mistake in/);
});

const keys =
  "headers requestId cors crossOrigin rateLimit store auth requireHttps routes renderProblem onError onEvent checks".split(
    " ",
  );

test.each(keys)("refuses %s: undefined, in policy() and in with()", (key) => {
  expectMistake({ [key]: undefined }, key, /undefined/);
  expect(() => policy().with({ [key]: undefined })).toThrow(ConfigError);
});

test.each(["ratelimit", "csp", "rateLimits", "constructor", "toString"])("refuses the unknown key %s", (key) => {
  expectMistake({ [key]: {} }, key, /^unknown option: .*remove it, or write one of .*rateLimit/);
  expect(() => policy().with({ [key]: {} })).toThrow(ConfigError);
});

test.each([
  ["ratelimit", "rateLimit"],
  ["rateLimits", "rateLimit"],
  ["rateLimt", "rateLimit"],
  ["header", "headers"],
  ["headres", "headers"],
  ["Cors", "cors"],
  ["cosr", "cors"],
  ["handlerTimeout", "handlerTimeoutMs"],
  ["crossorigins", "crossOrigin"],
  ["requestID", "requestId"],
  ["helmet", "headers"],
  ["secureHeaders", "headers"],
  ["csrf", "crossOrigin"],
  ["bodyLimit", "content"],
  ["trustProxy", "clientIp"],
  ["trust proxy", "clientIp"],
])("asks of the unknown key %s whether %s was meant", (key, meant) => {
  expectMistake({ [key]: {} }, key, new RegExp(`^unknown option: did you mean ${meant}\\? Else remove it, or write`));
});

test.each(["x", "xyz", "toString", "constructor", "__proto__x"])("has no guess for the unknown key %s", (key) => {
  expectMistake({ [key]: {} }, key, /^unknown option: remove it, or write one of /);
});

test.each([
  [{ rateLimit: { limit: 1, windowSeconds: 1, keyGenerator: String } }, "rateLimit.keyGenerator", "by"],
  [{ rateLimit: { max: 1, limit: 1, windowSeconds: 1 } }, "rateLimit.max", "limit"],
  [{ rateLimit: { limit: 1, windowSeconds: 1, skip: () => true } }, "rateLimit.skip", "cost"],
  [{ content: { limit: 1024 } }, "content.limit", "maxBodyBytes"],
  [{ content: { maxSize: 1024 } }, "content.maxSize", "maxBodyBytes"],
  [{ headers: { hsts: {} } }, "headers.hsts", "strictTransportSecurity"],
  [{ headers: { csp: {} } }, "headers.csp", "contentSecurityPolicy"],
  [{ crossOrigin: { origin: ["https://app.example.com"] } }, "crossOrigin.origin", "origins"],
  [{ cors: { origins: ["https://app.example.com"], passThrough: String } }, "cors.passThrough", "passthrough"],
])("knows what other middleware calls an option: %j", (config, path, meant) => {
  expectMistake(config, path, new RegExp(`^unknown option: did you mean ${meant}\\? `));
});

test("lists the options that exist once, however many are unknown", () => {
  const mistakes = mistakesIn({ rateLimit: { limit: 1, windowSeconds: 1, message: "x", statusCode: 429, max: 1 } });
  expect(mistakes).toEqual([
    expect.stringMatching(
      /^rateLimit.message: unknown option: remove it, or write one of name, algorithm, limit, .*, mode$/,
    ),
    "rateLimit.statusCode: unknown option: remove it",
    "rateLimit.max: unknown option: did you mean limit? Else remove it",
  ]);
});

test.each([
  [{ crossOrigin: false }, "crossOrigin", 'false must be "off" or an object of options'],
  [{ crossOrigin: "none" }, "crossOrigin", '"none" must be "off" or an object of options'],
  [{ authFailures: false, auth: tokens }, "authFailures", 'false must be "off" or an object of options'],
])("says which word switches a protection off: %j", (config, path, message) => {
  expect(mistakesIn(config)).toEqual([`${path}: ${message}`]);
});

test("looks no longer for a guess where a key is very long", () => {
  const begun = performance.now();
  expect(mistakesIn({ ["rateLimit".repeat(20_000)]: {} })).toHaveLength(1);
  expect(performance.now() - begun).toBeLessThan(500);
});

test("guesses the unit that belongs to a name", () => {
  const mistakes = mistakesIn({
    rateLimit: { limit: 1, windowSeconds: 1, window: 1 },
    cors: { origins: ["https://app.example.com"], maxAge: 5 },
  });
  expect(mistakes).toEqual([
    expect.stringMatching(/^rateLimit\.window: .*did you mean windowSeconds\?/),
    expect.stringMatching(/^cors\.maxAge: .*did you mean maxAgeSeconds\?/),
  ]);
});

test.each(["x", 7, true, () => ok(), Symbol("x")])("refuses a configuration that is %s", (config) => {
  expect(() => untyped(config)).toThrow(ConfigError);
});

test.each([
  ["requireHttps", ["yes", 1, null]],
  ["onEvent", ["x", null, {}]],
  ["onError", ["x", null, {}]],
  ["renderProblem", ["x", null, {}]],
  ["store", ["memory", null, {}, { consume: true }]],
  ["crossOrigin", ["on", true]],
  ["cors", ["*", true, null]],
])("refuses what is no %s", (key, values) => {
  for (const value of values) expect(mistakesIn({ [key]: value }).join()).toMatch(new RegExp(`^${key}`));
});

test("inherited keys are nobody's options", async () => {
  expect(mistakesIn(Object.create({ requireHttps: "yes", nonsense: 1 }))).toEqual([]);
});

describe("a shown value", () => {
  test("is cut where it is long", () => {
    const [mistake = ""] = mistakesIn({ crossOrigin: "x".repeat(500) });
    expect(mistake.length).toBeLessThan(200);
  });

  test.each([1n, Symbol("s"), Number.NaN, () => 1, new Map()])("may be anything: %s", (value) => {
    expectMistake({ requireHttps: value }, "requireHttps", /must be true or false/);
  });

  test("may be an object that refers to itself", () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expectMistake({ requireHttps: circular }, "requireHttps", /must be true or false/);
  });
});

test("a configuration that is changed later changes nothing", async () => {
  const methods = ["GET"];
  const routes: Record<`/${string}`, { methods: string[] }> = { "/a": { methods } };
  const fetch = policy({ routes, auth: tokens })(ok);
  methods.push("POST");
  delete routes["/a"];
  expect((await fetch(new Request("https://a.example/a", { method: "POST" }))).status).toBe(405);
});
