import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../../src/index.ts";
import { expectMistake, issuesFrom, mistakesIn, ok, silent, untypedRequirements } from "../lib/harness.ts";

describe("content", () => {
  test.each<readonly [unknown, string, RegExp]>([
    [true, "content", /not an object/],
    [null, "content", /not an object/],
    [["application/json"], "content", /not an object/],
    ["application/json", "content", /not an object/],
    [{ accept: ["application/json"] }, "content.accept", /unknown option.*accepts/],
    [{ accepts: undefined }, "content.accepts", /is undefined/],
    [{ accepts: "application/json" }, "content.accepts", /list of strings/],
    [{ accepts: [1] }, "content.accepts", /list of strings/],
    [{ accepts: [] }, "content.accepts", /is empty/],
    [{ accepts: ["Application/JSON"] }, "content.accepts", /lower case/],
    [{ accepts: ["application/json; charset=utf-8"] }, "content.accepts", /without parameters/],
    [{ accepts: ["json"] }, "content.accepts", /"json" is not a media type/],
    [{ accepts: [" application/json"] }, "content.accepts", /not a media type/],
    [{ accepts: ["application/json, text/plain"] }, "content.accepts", /not a media type/],
    [{ accepts: ["*/*"] }, "content.accepts", /not a media type/],
    [{ accepts: ["application/*"] }, "content.accepts", /not a media type/],
    [{ accepts: ["*/json"] }, "content.accepts", /not a media type/],
    [{ accepts: ["application/*+"] }, "content.accepts", /not a media type/],
    [{ accepts: ["application/v*+json"] }, "content.accepts", /not a media type/],
    [{ accepts: ["*/*+json"] }, "content.accepts", /not a media type/],
    [{ produces: [] }, "content.produces", /is empty/],
    [{ produces: ["application/*+json"] }, "content.produces", /not a media type/],
    [{ produces: ["application/*"] }, "content.produces", /not a media type/],
    [{ produces: ["text/html;charset=utf-8"] }, "content.produces", /without parameters/],
    [{ produces: undefined }, "content.produces", /is undefined/],
    [{ maxBodyBytes: -1 }, "content.maxBodyBytes", /from 0 to 1073741824/],
    [{ maxBodyBytes: 1.5 }, "content.maxBodyBytes", /whole number of bytes/],
    [{ maxBodyBytes: "1mb" }, "content.maxBodyBytes", /whole number of bytes/],
    [{ maxBodyBytes: Number.POSITIVE_INFINITY }, "content.maxBodyBytes", /from 0 to/],
    [{ maxBodyBytes: Number.NaN }, "content.maxBodyBytes", /from 0 to/],
    [{ maxBodyBytes: 1_073_741_825 }, "content.maxBodyBytes", /from 0 to/],
    [{ maxBodyBytes: undefined }, "content.maxBodyBytes", /is undefined/],
    [{ acceptEncodings: "gzip" }, "content.acceptEncodings", /list of strings/],
    [{ acceptEncodings: ["GZIP"] }, "content.acceptEncodings", /not a content coding/],
    [{ acceptEncodings: ["gzip, br"] }, "content.acceptEncodings", /not a content coding/],
    [{ acceptEncodings: ["*"] }, "content.acceptEncodings", /not a content coding/],
    [{ acceptEncodings: [""] }, "content.acceptEncodings", /not a content coding/],
    [{ duplicateKeys: true }, "content.duplicateKeys", /"last", "refuse"/],
    [{ duplicateKeys: "first" }, "content.duplicateKeys", /"last", "refuse"/],
  ])("refuses %j", (content, path, message) => {
    expectMistake({ content }, path, message);
  });

  test.each([
    {},
    { maxBodyBytes: 0 },
    { maxBodyBytes: 1_073_741_824 },
    { accepts: ["application/json", "application/*+json", "image/svg+xml", "application/vnd.api+json"] },
    { produces: ["text/csv"], acceptEncodings: [], duplicateKeys: "last" },
    { acceptEncodings: ["identity", "gzip", "x-gzip"] },
  ])("takes %j", (content) => {
    expect(mistakesIn({ content })).toEqual([]);
  });

  test("shows a pattern where one may stand, and nowhere else", () => {
    expectMistake(
      { content: { accepts: ["X"] } },
      "content.accepts",
      / such as "application\/json" or "application\/\*\+json"/,
    );
    expectMistake({ content: { produces: ["X"] } }, "content.produces", / such as "application\/json"$/);
  });

  test("that is undefined is a mistake: nothing is switched off unseen", () => {
    expectMistake({ content: undefined }, "content", /is undefined/);
  });

  test("tells of every mistake at once, also in routes", () => {
    const mistakes = mistakesIn({
      content: { accepts: [], maxBodyBytes: -1 },
      routes: { "/upload": { content: { accepts: ["png"], sizes: 1 } } },
    });
    expect(mistakes.map((mistake) => mistake.split(": ")[0]).sort()).toEqual([
      "content.accepts",
      "content.maxBodyBytes",
      'routes["/upload"].content.accepts',
      'routes["/upload"].content.sizes',
    ]);
  });
});

describe("handlerTimeoutMs", () => {
  test.each([0, -1, 1.5, "1000", Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, null, false])(
    "refuses %j",
    (handlerTimeoutMs) => {
      expectMistake({ handlerTimeoutMs }, "handlerTimeoutMs", /whole number of milliseconds from 1 to 2147483647/);
    },
  );

  test("refuses undefined", () => {
    expectMistake({ handlerTimeoutMs: undefined }, "handlerTimeoutMs", /is undefined/);
  });

  test.each([1, 2_147_483_647])("takes %j", (handlerTimeoutMs) => {
    expect(mistakesIn({ handlerTimeoutMs })).toEqual([]);
  });
});

describe("requirements", () => {
  const schema = z.object({});
  test.each<readonly [Record<string, unknown>, string, RegExp]>([
    [{ body: {} }, "body", /not a Standard Schema/],
    [{ body: null }, "body", /not a Standard Schema/],
    [{ body: "string" }, "body", /not a Standard Schema/],
    [{ body: { parse: () => 1 } }, "body", /not a Standard Schema/],
    [{ body: { "~standard": {} } }, "body", /not a Standard Schema/],
    [{ body: { "~standard": { validate: true } } }, "body", /not a Standard Schema/],
    [{ body: undefined }, "body", /is undefined/],
    [{ query: { page: z.string() } }, "query", /not a Standard Schema/],
    [{ query: undefined }, "query", /is undefined/],
    [{ params: ["id"] }, "params", /not a Standard Schema/],
    [{ params: undefined }, "params", /is undefined/],
    [{ rawBody: false }, "rawBody", /true/],
    [{ rawBody: 1 }, "rawBody", /true/],
    [{ rawBody: undefined }, "rawBody", /is undefined/],
    [{ body: schema, describeIssue: "no" }, "describeIssue", /a function/],
    [{ body: schema, describeIssue: undefined }, "describeIssue", /is undefined/],
    [{ content: {} }, "content", /unknown option/],
    [{ maxBodyBytes: 5 }, "maxBodyBytes", /unknown option/],
    [{ schema }, "schema", /unknown option/],
  ])("refuse %j", (requirements, key, message) => {
    const issues = issuesFrom(() => policy({ onEvent: silent })(untypedRequirements(requirements), ok));
    expect(issues.map(({ path }) => path)).toEqual([`requirements.${key}`]);
    expect(issues[0]?.message).toMatch(message);
  });

  test("take a schema that is a function, as arktype's are", () => {
    const callable = Object.assign(() => {}, { "~standard": { version: 1, vendor: "test", validate: () => ({}) } });
    expect(issuesFrom(() => policy({ onEvent: silent })(untypedRequirements({ body: callable }), ok))).toEqual([]);
  });
});
