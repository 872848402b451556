import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { membersOf } from "./browser.ts";
import { app, hello, mistakesIn, preflightFrom, requestFrom } from "./support.ts";
import { corsOf, readOriginSets, skipped, vectorsDir } from "./vector-files.ts";

const { sets, patternValidity, requestHeaderLists, invalidConfigs } = readOriginSets();

/** The sets whose wildcards stand directly under a top-level domain, which must be asked for by name. */
const underTopLevel = /^https:\/\/\*\.kin\b/;

/** A label that the URL standard refuses and Node.js does not. */
const invalidPunycode = "http://xn--f";

/** What makes a list of requested fields acceptable to us that the data refuses; all its names are listed ones. */
const tolerated: readonly (readonly [reason: string, applies: (value: string) => boolean])[] = [
  ["any white space around names is tolerated, since intermediaries add it", (value) => /[ \t]{2}/.test(value)],
  ["up to 64 elements are tolerated", (value) => value.split(",").length > 16],
  [
    "names may come in any order and more than once",
    (value) => [...new Set(membersOf(value))].sort().join() !== membersOf(value).join(),
  ],
];

function toleratedBecause(value: string, allowed: readonly string[]): string | undefined {
  if (!membersOf(value).every((name) => allowed.includes(name))) return undefined;
  return tolerated.find(([, applies]) => applies(value))?.[0];
}

describe.skipIf(vectorsDir === undefined)(
  `public origin sets${vectorsDir === undefined ? ` (${skipped})` : ""}`,
  () => {
    test("are all there", () => {
      expect(sets.flatMap(({ accepts, rejects }) => [...accepts, ...rejects])).toHaveLength(343);
      expect([patternValidity.length, invalidConfigs.length]).toEqual([75, 23]);
      expect(requestHeaderLists.flatMap(({ accepted, rejected }) => [...accepted, ...rejected])).toHaveLength(131);
    });

    for (const { desc, patterns, accepts, rejects } of sets) {
      test(`matching ${desc}`, async () => {
        const isDangerous = patterns.some((pattern) => underTopLevel.test(pattern));
        expect(mistakesIn({ cors: { origins: patterns } }).length > 0).toBe(isDangerous);
        const cors = { origins: patterns, ...(isDangerous && { dangerouslyAllowPublicSuffixes: true }) };
        const fetch = policy({ cors })(hello);
        const allows = async (origin: string): Promise<boolean> =>
          (await fetch(requestFrom(origin))).headers.has("access-control-allow-origin");
        for (const origin of accepts) expect([origin, await allows(origin)]).toEqual([origin, true]);
        for (const origin of rejects) expect([origin, await allows(origin)]).toEqual([origin, false]);
      });
    }

    for (const { desc, pattern, valid } of patternValidity) {
      const differs =
        pattern === invalidPunycode ? ", except that this runtime's URL parser takes it; nobody sends it" : "";
      test(`an entry is ${valid ? "valid" : "refused"} for ${desc}${differs}`, () => {
        expect(mistakesIn({ cors: { origins: [pattern] } }).length === 0).toBe(differs === "" ? valid : !valid);
      });
    }

    test.each(invalidConfigs)("every mistake is found in a configuration with: $desc", ({ config, errors }) => {
      expect(mistakesIn({ cors: corsOf(config) })).toHaveLength(errors.length);
    });

    for (const { desc, allowed, accepted, rejected } of requestHeaderLists) {
      const fetch = policy({ cors: { origins: [app], allowHeaders: allowed } })(hello);
      const statusOf = async (value: string): Promise<number> => (await fetch(preflightFrom(app, "GET", value))).status;
      test(`requested fields, ${desc}: what is accepted`, async () => {
        for (const lines of accepted) expect([lines, await statusOf(lines.join(","))]).toEqual([lines, 204]);
      });
      test(`requested fields, ${desc}: what is refused, except what is tolerated`, async () => {
        for (const lines of rejected) {
          const value = lines.join(",");
          const expected = toleratedBecause(value, allowed) === undefined ? 403 : 204;
          expect([lines, await statusOf(value)]).toEqual([lines, expected]);
        }
      });
    }

    test.each(tolerated)("the data refuses what we accept: %s", (reason) => {
      const reasons = requestHeaderLists.flatMap(({ allowed, rejected }) =>
        rejected.map((lines) => toleratedBecause(lines.join(","), allowed)),
      );
      expect(reasons).toContain(reason);
    });
  },
);
