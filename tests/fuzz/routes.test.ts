import fc from "fast-check";
import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { codeOf } from "../cors/support.ts";
import { options, stopwatch, timeoutMs } from "./support.ts";

const timed = stopwatch("paths");

const segment = fc.constantFrom("admin", "Admin", "api", "v1", "health", "a b", "é", "x'y", "~u", "z[]", "a;b", "...");
const key = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
  .map(([segments, isPrefix]) => `/${segments.join("/")}${isPrefix ? (segments.length > 0 ? "/*" : "*") : ""}`);
const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 6 });

const piece = fc.oneof(
  { weight: 4, arbitrary: segment },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "/",
      "/",
      "//",
      "/./",
      "/../",
      "%2f",
      "%2F",
      "%5c",
      "\\",
      "%2e",
      "%2E%2e",
      ".",
      "..",
      "%",
      "%zz",
      "%c3%a9",
      "%C3%A9",
      "%C3",
      "%00",
      "%25",
      "%2561dmin",
      "%61dmin",
      "adm%69n",
      "%3F",
      "%23",
      "%20",
      ";x=1",
      "+",
      "*",
      "\u0130",
      "\u{1F600}",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);
const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join("")}`);
/** A spelling of a path below or at a key. */
const disguised = (from: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...from), fc.nat(30), piece, fc.boolean()).map(([chosen, at, extra, encodes]) => {
    const plain = chosen.replace("*", "x");
    const index = Math.min(at, plain.length - 1);
    const letter = plain[index] ?? "";
    const encoded = /[a-z/]/.test(letter) && encodes ? `%${letter.charCodeAt(0).toString(16)}` : letter + extra;
    const spelled = plain.slice(0, index) + encoded + plain.slice(index + 1);
    return spelled.startsWith("/") ? spelled : `/${spelled}`;
  });

/** The reference for the plain form: rewritten step by step until nothing changes. `undefined` when it is malformed. */
function canonical(raw: string): string | undefined {
  let current: string;
  try {
    current = decodeURIComponent(raw).replaceAll("\\", "/");
  } catch {
    return undefined;
  }
  for (let before = ""; before !== current; ) {
    before = current;
    current = current
      .replace(/\/+/g, "/")
      .replace(/\/\.(?=\/|$)/, "")
      .replace(/^\/\.\.(?=\/|$)/, "")
      .replace(/\/(?!\.\.(?:\/|$))[^/]+\/\.\.(?=\/|$)/, "");
  }
  return current.replace(/\/$/, "") || "/";
}

/** The reference for the entry of a path: exact before prefix, longer before shorter. A key is known in both spellings. */
function entryFor(table: readonly string[], wanted: string): string | undefined {
  const spellings = (plain: string): readonly string[] => [plain, new URL(plain, "http://localhost").pathname];
  const matching = table.filter((one) => {
    if (!one.endsWith("/*")) return spellings(one).includes(wanted);
    const prefix = one.slice(0, -2);
    if (prefix === "") return true;
    return spellings(prefix).some((spelling) => wanted === spelling || wanted.startsWith(`${spelling}/`));
  });
  const exact = matching.find((one) => !one.endsWith("/*"));
  return exact ?? matching.sort((first, second) => second.length - first.length)[0];
}

test(
  "a path gets the rules of its plain form, or 400 where its spelling would get others",
  async () => {
    const statuses = new Set<number>();
    const cases = keys.chain((table) =>
      fc.tuple(fc.constant(table), fc.array(fc.oneof(path, disguised(table)), { minLength: 1, maxLength: 4 })),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([table, paths]) => {
        const routes = Object.fromEntries(table.map((one, index) => [one, { methods: [`RULE${index}`] }]));
        const fetch = policy({ routes })(() => new Response(null));
        for (const spelled of paths) {
          const request = new Request(`https://api.test${spelled}`);
          const raw = new URL(request.url).pathname;
          const plain = canonical(raw);
          const response = await timed(() => fetch(request));
          statuses.add(response.status);
          if (plain === undefined) {
            expect([raw, response.status, await codeOf(response)]).toEqual([raw, 400, "malformed_path"]);
            continue;
          }
          const strict = entryFor(table, plain);
          if (entryFor(table, raw) !== strict) {
            expect([raw, response.status, await codeOf(response)]).toEqual([raw, 400, "ambiguous_path"]);
          } else if (strict === undefined) {
            expect([raw, response.status]).toEqual([raw, 200]);
          } else {
            const rule = `RULE${table.indexOf(strict)}`;
            expect([raw, response.status, response.headers.get("allow")]).toEqual([raw, 405, rule]);
          }
        }
      }),
      options,
    );
    expect([...statuses].sort()).toEqual([200, 400, 405]);
  },
  timeoutMs,
);
