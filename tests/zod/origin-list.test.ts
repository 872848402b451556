import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, policy } from "../../src/index.ts";
import { originList } from "../../src/zod.ts";
import { options, timeoutMs } from "../fuzz/support.ts";
import { mistakesOf } from "./support.ts";

test.each([
  ["https://app.example.com", ["https://app.example.com"]],
  ["https://a.example,https://b.example", ["https://a.example", "https://b.example"]],
  ["\n  https://a.example ,\t https://b.example,\n", ["https://a.example", "https://b.example"]],
  [",,https://a.example,,", ["https://a.example"]],
  ["https://*.example.com", ["https://*.example.com"]],
  ["http://localhost:3000, http://localhost:*", ["http://localhost:3000", "http://localhost:*"]],
  ["http://[::1]:8080,http://127.0.0.1", ["http://[::1]:8080", "http://127.0.0.1"]],
  ["https://xn--bcher-kva.example", ["https://xn--bcher-kva.example"]],
  ["capacitor://localhost", ["capacitor://localhost"]],
])("%j is %j", (text, expected) => {
  expect(originList().parse(text)).toEqual(expected);
});

test.each([
  ["https://app.example.com/", /has a slash or path.*write "https:\/\/app\.example\.com"/],
  ["https://app.example.com/login", /has a slash or path/],
  ["https://app.example.com?x=1", /has a slash or path/],
  ["https://App.example.com", /upper case: write "https:\/\/app\.example\.com"/],
  ["https://app.example.com:443", /default port: write "https:\/\/app\.example\.com"/],
  ["http://app.example.com:80", /default port/],
  ["app.example.com", /no scheme: write "https:\/\/app\.example\.com"/],
  ["//app.example.com", /no scheme: write "https:\/\/app\.example\.com"/],
  ["null", /sandboxed/],
  ["*", /^"\*" stands for every origin: write origins: "\*" in the policy; a setting lists origins$/],
  ["https://*", /"\*"/],
  ["https://*.com", /anybody may register/],
  ["https://*.vercel.app", /anybody may register/],
  ["https://app-*.example.com", /stands for neither/],
  ["https://b\u00fccher.example", /punycode form "https:\/\/xn--bcher-kva\.example"/],
  ["https://app.example.com https://b.example", /^has white space or a semicolon inside: a comma separates origins$/],
  ["https://app.example.com\nhttps://b.example", /^has white space .* a comma separates/],
  ["https://app.example.com;https://b.example", /^has white space or a semicolon .* a comma separates/],
  [
    "https://u:canary@app.example.com; https://b.example",
    /^has white space or a semicolon inside: a comma separates origins$/,
  ],
  ["https://127.1", /not an origin/],
  ["https://app.example.com:65536", /not an origin/],
  ["https://app.example.com:", /not an origin/],
  ["file://", /.+/],
  ["https://", /not an origin/],
])("refuses %j", (text, message) => {
  const mistakes = mistakesOf(originList(), text);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(message);
});

test.each(["", " ", ",", " , ,\n"])("refuses %j as an empty list", (text) => {
  expect(mistakesOf(originList(), text)).toEqual(["must be a comma list of origins; it is empty"]);
});

test.each([undefined, null, 7, true, ["https://a.example"], {}])("refuses %j, which is no text", (value) => {
  expect(
    originList()
      .safeParse(value)
      .error?.issues.map(({ code }) => code),
  ).toEqual(["invalid_type"]);
});

test("reports every entry that is wrong, in order", () => {
  const mistakes = mistakesOf(originList(), "https://a.example/,https://ok.example,null,b.example");
  expect(mistakes.map((mistake) => /^"[^"]*"/.exec(mistake)?.[0])).toEqual([
    '"https://a.example/"',
    '"null"',
    '"b.example"',
  ]);
});

test("says what to do about every origin also where it is in a list", () => {
  const mistakes = mistakesOf(originList(), "https://a.example, *");
  expect(mistakes).toEqual(['"*" stands for every origin: write origins: "*" in the policy; a setting lists origins']);
});

test("says nothing of options that an environment does not have", () => {
  for (const text of ["https://*.com", "http://app.example.com:80", "https://*.github.io"]) {
    expect(mistakesOf(originList(), text).join()).not.toContain("dangerously");
  }
});

test("leaves what depends on credentials to the policy", () => {
  const origins = originList().parse("http://app.example.com");
  expect(() => policy({ cors: { origins } })).not.toThrow();
  expect(() => policy({ cors: { origins, credentials: true } })).toThrow(ConfigError);
});

const piece = fc.constantFrom(
  ...[
    "https://",
    "http://",
    "*.",
    "*",
    "a.",
    "example",
    ".com",
    ".test",
    "localhost",
    "[::1]",
    "127.0.0.1",
    "1",
    "\u0130",
  ],
  ...[
    ":443",
    ":80",
    ":*",
    ":3000",
    ":0",
    "/",
    "@",
    "?",
    "#",
    "\\",
    " ",
    "null",
    ",",
    "%",
    "vercel.app",
    "A",
    "\0",
    "-",
    "_",
  ],
);
const text = fc.oneof(
  { weight: 4, arbitrary: fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")) },
  { weight: 2, arbitrary: fc.array(piece, { maxLength: 5 }).map((pieces) => `https://${pieces.join("")}`) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  // Else some three hundred lists would have none that is accepted.
  { weight: 3, arbitrary: fc.constantFrom("https://a.example", "https://*.b.example", "http://localhost:3000") },
);

test(
  "accepts exactly what a policy without credentials accepts, and throws nothing for any text",
  () => {
    let acceptedCount = 0;
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
        const list = texts.join(",");
        const result = originList().safeParse(list);
        const origins = list.split(",").flatMap((entry) => entry.trim() || []);
        if (result.success) {
          acceptedCount++;
          expect(result.data).toEqual(origins);
        }
        expect([origins, result.success]).toEqual([origins, isAccepted(origins)]);
      }),
      options,
    );
    expect(acceptedCount).toBeGreaterThan(0);
  },
  timeoutMs,
);

function isAccepted(origins: readonly string[]): boolean {
  try {
    policy({ cors: { origins } });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
