import { describe, expect, test } from "vitest";
import { ConfigError, policy } from "../../src/index.ts";
import { app, mistakesIn } from "./support.ts";

const listing = (origin: unknown, more: object = {}) => mistakesIn({ cors: { origins: [app, origin], ...more } });

describe("an entry of origins is refused with its fix when it has", () => {
  test.each([
    ["a trailing slash", "https://a.example.com/", 'write "https://a.example.com"'],
    ["a path", "https://a.example.com/login", 'write "https://a.example.com"'],
    ["a query", "https://a.example.com?x", 'write "https://a.example.com"'],
    ["a fragment", "https://a.example.com#x", 'write "https://a.example.com"'],
    ["an upper-case host", "https://A.Example.com", 'write "https://a.example.com"'],
    ["an upper-case scheme", "HTTPS://a.example.com", 'write "https://a.example.com"'],
    ["https's default port", "https://a.example.com:443", 'write "https://a.example.com"'],
    ["http's default port", "http://a.example.com:80", 'write "http://a.example.com"'],
    ["no scheme", "a.example.com", 'write "https://a.example.com"'],
    ["no scheme but a port", "localhost:3000", 'write "https://localhost:3000"'],
    ["a user name", "https://user@a.example.com", "remove it"],
    ["a password", "https://user:secret@a.example.com", "remove it"],
    ["Unicode", "https://bücher.example", 'punycode form "https://xn--bcher-kva.example"'],
    ["the value null", "null", "cannot be allowed"],
    ["a star inside a list", "*", 'write origins: "*" alone'],
    ["a star inside the host", "https://a.*.example.com", '"https://*.example.com"'],
    ["a star in a label", "https://app-*.example.com", '"https://*.example.com"'],
    ["a star for the domain", "https://example.*", '"https://*.example.com"'],
    ["a star without its dot", "https://*example.com", '"https://*.example.com"'],
    ["two stars", "https://*.*.example.com", '"https://*.example.com"'],
    ["only a star", "https://*", '"https://*.example.com"'],
    ["a star for the scheme", "*://a.example.com", "scheme://host"],
    ["a star in the port", "http://localhost:3*", '"http://localhost:*"'],
    ["no host", "https://", "scheme://host"],
    ["an empty port", "https://a.example.com:", "scheme://host"],
    ["a port out of range", "https://a.example.com:65536", "scheme://host"],
    ["white space around", " https://a.example.com ", "scheme://host"],
    ["several origins in one text", "https://a.example.com, https://b.example.com", "an entry of its own"],
    ["an empty text", "", "write"],
    ["the file scheme", "file://a.example.com", "scheme://host"],
    ["an address that browsers spell otherwise", "http://127.1:3000", "scheme://host"],
    ["an IPv6 address that browsers spell otherwise", "http://[0:0:0:0:0:0:0:1]:3000", "scheme://host"],
    ["a wildcard below an address", "http://*.127.0.0.1:3000", "scheme://host"],
    ["a regular expression", /example/, "string"],
    ["a number", 7, "string"],
  ])("%s", (_, origin, fix) => {
    expect(listing(origin)).toEqual([{ path: "cors.origins[1]", message: expect.stringContaining(fix) }]);
  });

  test("several slips, so that following each fix ends at an origin that is accepted", () => {
    for (const slip of ["HTTPS://Bücher.Example:443/login?next=/", "App.Example.com/", "https://a.example.com:443/"]) {
      let origin = slip;
      for (let round = 0; round < 4; round++) {
        const [mistake] = listing(origin);
        if (mistake === undefined) break;
        origin = /(?:write|form) "([^"]+)"/.exec(mistake.message)?.[1] ?? origin;
      }
      expect(listing(origin)).toEqual([]);
    }
  });
});

describe("a wildcard is refused directly under", () => {
  test.each([
    "https://*.com",
    "https://*.dev",
    "https://*.co.uk",
    "https://*.com.au",
    "https://*.github.io",
    "https://*.vercel.app",
    "https://*.netlify.app",
    "https://*.pages.dev",
    "https://*.workers.dev",
    "https://*.herokuapp.com",
    "https://*.web.app",
    "https://*.com.",
    "https://*.github.io.",
    "https://*.vercel.app:*",
    "https://*.vercel.app:8443",
  ])("%s, unless that is asked for by name", (origin) => {
    expect(listing(origin)).toEqual([
      { path: "cors.origins[1]", message: expect.stringContaining("dangerouslyAllowPublicSuffixes") },
    ]);
    expect(listing(origin, { dangerouslyAllowPublicSuffixes: true })).toEqual([]);
  });

  test("none of these: names of one's own below them, and localhost", () => {
    for (const origin of [
      "https://*.mine.github.io",
      "https://*.example.co.uk",
      "https://mine.vercel.app",
      "http://*.localhost",
    ])
      expect(listing(origin)).toEqual([]);
  });
});

describe("credentials", () => {
  test("beside a star are refused", () => {
    expect(mistakesIn({ cors: { origins: "*", credentials: true } })).toEqual([
      { path: "cors.credentials", message: expect.stringContaining("list the origins") },
    ]);
  });

  test.each(["http://app.example.com", "http://192.168.0.7:3000", "http://*.example.com"])(
    "beside %s are refused, unless that is asked for by name",
    (origin) => {
      expect(listing(origin, { credentials: true })).toEqual([
        { path: "cors.origins[1]", message: expect.stringMatching(/write https.*dangerouslyAllowInsecureOrigins/) },
      ]);
      expect(listing(origin, { credentials: true, dangerouslyAllowInsecureOrigins: true })).toEqual([]);
      expect(listing(origin)).toEqual([]);
    },
  );

  test.each([
    "http://localhost:3000",
    "http://localhost:*",
    "http://a.localhost",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "capacitor://localhost",
    "tauri://localhost",
  ])("beside %s are fine", (origin) => {
    expect(listing(origin, { credentials: true })).toEqual([]);
  });

  test.each(["methods", "allowHeaders", "exposeHeaders"])("beside a star in %s are refused", (key) => {
    for (const value of ["*", ["*"], ["X-A", "*"]])
      expect(listing("https://a.example.com", { credentials: true, [key]: value })).toEqual([
        { path: `cors.${key}`, message: expect.stringMatching(/literal.*list the names/) },
      ]);
    expect(listing("https://a.example.com", { [key]: "*" })).toEqual([]);
  });
});

describe("a mistake in", () => {
  test.each<[key: string, value: unknown, fix: string]>([
    ["methods", ["GET", "CONNECT"], "remove it"],
    ["methods", ["trace"], "remove it"],
    ["methods", ["TRACK"], "remove it"],
    ["methods", ["GET POST"], "is not a method"],
    ["methods", ["patch"], 'write "PATCH"'],
    ["methods", [""], "is not a method"],
    ["methods", "GET", "list of strings"],
    ["allowHeaders", ["Sec-Fetch-Site"], "remove it"],
    ["allowHeaders", ["Proxy-Authorization"], "remove it"],
    ["allowHeaders", ["Connection"], "remove it"],
    ["allowHeaders", ["cookie"], "remove it"],
    ["allowHeaders", ["Access-Control-Allow-Origin"], "remove it"],
    ["allowHeaders", ["X-A, X-B"], "is not a field name"],
    ["allowHeaders", ["X-\u00e9"], "is not a field name"],
    ["allowHeaders", [""], "is not a field name"],
    ["exposeHeaders", ["Set-Cookie"], "remove it"],
    ["exposeHeaders", ["set-cookie2"], "remove it"],
    ["exposeHeaders", ["Access-Control-Allow-Origin"], "remove it"],
    ["exposeHeaders", ["X-A\r\nX-B"], "is not a field name"],
    ["exposeHeaders", "X-A", "list of strings"],
    ["maxAgeSeconds", -1, "from 0 to 86400"],
    ["maxAgeSeconds", 86_401, "from 0 to 86400"],
    ["maxAgeSeconds", 1.5, "whole number"],
    ["maxAgeSeconds", "600", "whole number"],
    ["credentials", "true", "true or false"],
    ["credentials", undefined, "leave the key out"],
    ["maxAge", 600, "unknown option"],
  ])("%s: %j names its fix", (key, value, fix) => {
    const found = mistakesIn({ cors: { origins: [app], [key]: value } });
    expect(found).toEqual([{ path: `cors.${key}`, message: expect.stringContaining(fix) }]);
  });

  test.each<[string, unknown]>([
    ["nothing", {}],
    ["undefined", { origins: undefined }],
    ["an empty list", { origins: [] }],
    ["one origin without a list", { origins: app }],
    ["a regular expression", { origins: /example/ }],
    ["true", { origins: true }],
  ])("origins: %s says that origins have no default", (_, cors) => {
    expect(mistakesIn({ cors })).toContainEqual({
      path: "cors.origins",
      message: expect.stringContaining("no default"),
    });
  });

  test.each([true, null, "https://app.example.com", [app], 7])("cors itself: %j", (cors) => {
    expect(mistakesIn({ cors })).toContainEqual({ path: "cors", message: expect.stringContaining("not an object") });
  });

  test("cors: undefined, which must not switch CORS off unseen", () => {
    expect(mistakesIn({ cors: undefined })).toEqual([
      { path: "cors", message: expect.stringContaining("leave the key out") },
    ]);
  });
});

test("every mistake is reported at once, in one error that shows them all", () => {
  const broken: object = {
    cors: {
      origins: ["https://A.example.com", "null"],
      methods: ["TRACE"],
      exposeHeaders: ["Set-Cookie"],
      maxAgeSeconds: -1,
    },
    crossOrigin: { mode: "log" },
  };
  const paths = [
    "cors.origins[0]",
    "cors.origins[1]",
    "cors.methods",
    "cors.exposeHeaders",
    "cors.maxAgeSeconds",
    "crossOrigin.mode",
  ];
  expect(mistakesIn(broken).map(({ path }) => path)).toEqual(paths);
  expect(() => policy(broken)).toThrow(ConfigError);
  for (const path of paths) expect(() => policy(broken)).toThrow(path);
});
