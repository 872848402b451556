import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type MediaType, parseMediaType } from "../../src/content/media-type.ts";
import { isToken } from "../../src/lib/tokens.ts";
import { skipped, vectorsDir } from "../cors/vector-files.ts";
import { expectProblem } from "../lib/harness.ts";
import { counting, send } from "./support.ts";

interface JsonRow {
  readonly contentType: string;
  readonly accept: boolean;
}

interface ParseCase {
  readonly input: string;
  readonly output: string | null;
}

/** Empty without the folder. The shapes are those of the data's own description. */
function read<T>(name: string, key: string): readonly T[] {
  if (vectorsDir === undefined) return [];
  const data = JSON.parse(readFileSync(join(vectorsDir, name), "utf8")) as Record<string, readonly T[]>;
  return data[key] ?? [];
}

const rows = read<JsonRow>("json-media-types.json", "rows");
const cases = [...read<ParseCase>("mime-types.json", "parse"), ...read<ParseCase>("mime-types.json", "parseGenerated")];
const groups = read<{ readonly input: string }>("mime-types.json", "groups");

/** Inputs that we decide otherwise, and why. An exception that no longer differs fails. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ["x/x;,=x;bonus=x", "a comma in a parameter's name may be that of two fields joined, so the value is a list"],
  ["x/x;x=,;bonus=x", "a comma outside quotes may be that of two fields joined, so the value is a list"],
]);

/** MIME Sniffing, "serialize a MIME type". */
function serialise({ essence, parameters }: MediaType): string {
  const pairs = [...parameters].map(([name, value]) => {
    return `;${name}=${isToken(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
  });
  return essence + pairs.join("");
}

function parsed(input: string): string | null {
  const mediaType = parseMediaType(input);
  return mediaType === undefined ? null : serialise(mediaType);
}

describe.skipIf(vectorsDir === undefined)(
  `public media type cases${vectorsDir === undefined ? ` (${skipped})` : ""}`,
  () => {
    test("are all there", () => {
      expect([rows.length, cases.length, groups.length]).toEqual([956, 955, 146]);
    });

    test("are taken apart as the MIME Sniffing standard says", () => {
      const wrong = cases
        .filter(({ input }) => !exceptions.has(input))
        .map(({ input, output }) => ({ input, expected: output, actual: parsed(input) }))
        .filter(({ expected, actual }) => expected !== actual);
      expect(wrong).toEqual([]);
    });

    test("of all groups are media types", () => {
      expect(groups.filter(({ input }) => parsed(input) !== input)).toEqual([]);
    });

    for (const [input, reason] of exceptions) {
      test(`${JSON.stringify(input)} differs: ${reason}`, () => {
        const found = cases.filter((each) => each.input === input);
        expect(found).toHaveLength(1);
        expect(found[0]?.output).not.toBeNull();
        expect(parsed(input)).toBeNull();
      });
    }

    test("pass as a JSON body where they say so, and nowhere else", async () => {
      let sentCount = 0;
      for (const { contentType, accept } of rows) {
        let headers: Headers;
        try {
          headers = new Headers([["content-type", contentType]]);
        } catch {
          expect(accept).toBe(false); // no server hands over such a field
          continue;
        }
        sentCount++;
        const { fetch, calls } = counting({ content: {} });
        const response = await fetch(
          send({ headers: { ...Object.fromEntries(headers), "content-length": "2" }, body: "{}" }),
        );
        expect([contentType, calls()]).toEqual([contentType, accept ? 1 : 0]);
        if (accept) expect(response.status).toBe(200);
        else await expectProblem(response, 415, "unsupported_media_type");
      }
      expect(sentCount).toBeGreaterThan(900);
    });
  },
);
