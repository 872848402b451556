import { describe, expect, test } from "vitest";
import { memoryStore, policy, type RateLimitStore } from "../../../src/index.ts";
import { expectMistake, issuesFrom, untypedRequirements } from "../../lib/harness.ts";

const five = { limit: 5, windowSeconds: 60 } as const;
const onlyGcra: RateLimitStore = {
  ...memoryStore(),
  name: "simple",
  capabilities: { algorithms: ["gcra"], exact: true, atomic: true, remaining: true },
};

test.each<readonly [object, string, RegExp]>([
  [
    { algorithm: "token-bucket" },
    "algorithm",
    /must be one of "gcra", "fixed-window", "sliding-window", "sliding-log"/,
  ],
  [{ algorithm: undefined }, "algorithm", /is undefined: leave the key out/],
  [{ algorithm: "sliding-log", limit: 10_001 }, "limit", /from 1 to 10000/],
  [{ algorithm: "fixed-window", align: "utc" }, "align", /one of "first-request", "clock"/],
  [{ align: "clock" }, "align", /belongs to "fixed-window": remove it/],
  [{ algorithm: "sliding-window", align: "first-request" }, "align", /belongs to "fixed-window"/],
  [{ algorithm: "fixed-window", burst: 2 }, "burst", /belongs to "gcra"/],
  [{ algorithm: "sliding-log", burst: 5 }, "burst", /belongs to "gcra"/],
  [{ cost: 6 }, "cost", /whole number from 0 to the burst, 5/],
  [{ burst: 2, cost: 3 }, "cost", /from 0 to the burst, 2/],
  [{ cost: -1 }, "cost", /whole number from 0/],
  [{ cost: 1.5 }, "cost", /whole number from 0/],
  [{ cost: "1" }, "cost", /or a function/],
  [{ cost: Number.NaN }, "cost", /whole number/],
  [{ onUnavailable: "fail" }, "onUnavailable", /one of "local", "open", "closed"/],
  [{ localShare: 0 }, "localShare", /above 0, at most 1/],
  [{ localShare: -0.5 }, "localShare", /above 0, at most 1/],
  [{ localShare: 1.01 }, "localShare", /above 0, at most 1/],
  [{ localShare: Number.NaN }, "localShare", /above 0, at most 1/],
  [{ localShare: "1/2" }, "localShare", /above 0, at most 1/],
  [{ onUnavailable: "open", localShare: 0.5 }, "localShare", /belongs to onUnavailable: "local": remove it/],
  [{ onUnavailable: "closed", localShare: 1 }, "localShare", /belongs to onUnavailable: "local"/],
  [{ mode: "off" }, "mode", /one of "enforce", "report"/],
  [{ dangerouslyBy: "x-api-key" }, "dangerouslyBy", /must be a function/],
  [{ by: "ip", dangerouslyBy: () => "x" }, "dangerouslyBy", /cannot stand beside by/],
  [{ by: () => "x", dangerouslyBy: () => "x" }, "dangerouslyBy", /cannot stand beside by/],
])("refuses a limit with %j", (settings, key, message) => {
  expectMistake({ rateLimit: { ...five, ...settings } }, `rateLimit.${key}`, message);
});

test.each([
  { localShare: 0.001 },
  { localShare: 1 },
  { onUnavailable: "local", localShare: 0.5 },
  { cost: 0 },
  { cost: 5 },
  { burst: 1, cost: 1 },
  { algorithm: "gcra", burst: 5 },
  { algorithm: "fixed-window", align: "first-request" },
  { algorithm: "sliding-log", limit: 10_000 },
  { mode: "enforce" },
] as const)("takes a limit with %j", (settings) => {
  expect(() => policy({ rateLimit: { ...five, ...settings } })).not.toThrow();
});

describe("an algorithm that the store does not count", () => {
  const message = /"sliding-log" is not counted by the store "simple": write one of "gcra"/;
  const rateLimit = { ...five, algorithm: "sliding-log" } as const;

  test("is refused in the policy, in a list and in a route", () => {
    expectMistake({ store: onlyGcra, rateLimit }, "rateLimit.algorithm", message);
    expectMistake({ store: onlyGcra, rateLimit: [{ name: "a", ...rateLimit }] }, "rateLimit[0].algorithm", message);
    const issues = issuesFrom(() => policy({ store: onlyGcra, routes: { "/login": { rateLimit } } }));
    expect(issues).toMatchObject([
      { path: expect.stringMatching(/login.*rateLimit\.algorithm$/), message: expect.stringMatching(message) },
    ]);
  });

  test("is refused in requirements, and when with() brings the store or the limit", () => {
    const requirements = untypedRequirements({ rateLimit: { name: "login", ...rateLimit } });
    const simple = policy({ store: onlyGcra });
    for (const construct of [
      () => simple(requirements, () => new Response()),
      () => simple.with({ rateLimit }),
      () => policy({ rateLimit }).with({ store: onlyGcra }),
    ]) {
      expect(issuesFrom(construct)).toMatchObject([{ message: expect.stringMatching(message) }]);
    }
  });

  test("is refused also where it is the default", () => {
    const capabilities = { algorithms: ["fixed-window"], exact: false, atomic: false, remaining: false };
    expectMistake(
      { store: { ...onlyGcra, capabilities }, rateLimit: five },
      "rateLimit.algorithm",
      /"gcra" is not counted by the store "simple": write one of "fixed-window"/,
    );
  });
});

test.each<readonly [unknown, RegExp]>([
  [["draft-12"], /"draft-12" must be one of/],
  ["draft-11", /must be a list of strings/],
  [[7], /must be a list of strings/],
  [["draft-11", "draft-7"], /both write RateLimit: choose one/],
  [["draft-7", "x-ratelimit", "draft-11"], /both write RateLimit: choose one/],
])("refuses rateLimitFields: %j", (rateLimitFields, message) => {
  expectMistake({ rateLimitFields }, "rateLimitFields", message);
});
