import { describe, expect, test } from "vitest";
import { type Policy, policy } from "../src/index.ts";
import {
  as,
  expectMistake,
  expectProblem,
  get,
  issuesFrom,
  ok,
  recorder,
  silent,
  tokens,
  untyped,
} from "./lib/harness.ts";

/** Which of these entries holds for a path, told by the one method that each allows. */
function selecting(...paths: readonly `/${string}`[]): (path: string) => Promise<string> {
  const routes = Object.fromEntries(paths.map((path, index) => [path, { methods: [`M${index}`] }]));
  const fetch = policy({ routes, onEvent: silent })(ok);
  return async (path) => {
    const response = await fetch(get(path));
    if (response.status === 400) return (await response.json()).code;
    const index = /^M(\d+)$/.exec(response.headers.get("allow") ?? "")?.[1];
    return index === undefined ? "none" : (paths[Number(index)] ?? "none");
  };
}

describe("selection", () => {
  const select = selecting(
    "/",
    "/health",
    "/admin/*",
    "/admin/users",
    "/admin/users/*",
    "/caf\u00e9/*",
    "/a b",
    "/.well-known/x",
  );

  test.each([
    ["/", "/"],
    ["/?a=/health", "/"],
    ["/health", "/health"],
    ["/health?x=1", "/health"],
    ["/health#x", "/health"],
    ["/health/x", "none"],
    ["/healthy", "none"],
    ["/Health", "none"],
    ["/admin", "/admin/*"],
    ["/admin/x/y", "/admin/*"],
    ["/administrator", "none"],
    ["/admin/users", "/admin/users"],
    ["/admin/users/7", "/admin/users/*"],
    ["/caf\u00e9", "/caf\u00e9/*"],
    ["/caf%C3%A9/menu", "/caf\u00e9/*"],
    ["/cafe", "none"],
    ["/a b", "/a b"],
    ["/a%20b", "/a b"],
    ["/.well-known/x", "/.well-known/x"],
    ["/other", "none"],
    ["/other/", "none"],
    ["/caf%C3%A8", "none"],
    ["/x/../health", "/health"], // the URL parser has resolved it
  ])("%s is %s", async (path, entry) => {
    expect(await select(path)).toBe(entry);
  });

  test.each([
    "/health/",
    "//health",
    "/%68ealth",
    "/health%2F",
    "/other/%2e%2e%2fhealth",
    "/other%2f..%2fhealth",
    "/admin%2Fusers",
    "/admin%2f",
    "//admin",
    "/%61dmin/x",
    "/admin/%75sers",
    "/admin/users%2F7",
    "/admin//users",
    "/admin/x%2F..%2Fusers",
    "/admin/..%2Fhealth",
    "/admin/%2e%2e%2f",
    "/caf%c3%a9%2f",
    "//",
  ])("%s is 400 ambiguous_path", async (path) => {
    expect(await select(path)).toBe("ambiguous_path");
  });

  test.each(["/%", "/%zz", "/health%", "/%ff", "/%C3", "/%c3%28", "/a%2", "/%ED%A0%80"])(
    "%s is 400 malformed_path",
    async (path) => {
      expect(await select(path)).toBe("malformed_path");
    },
  );

  test("a path that is decoded once only is not decoded again", async () => {
    expect(await select("/%2568ealth")).toBe("none");
  });

  test("spellings that select the same entry pass", async () => {
    for (const path of ["/admin/x/", "/admin/x//y", "/admin/%78", "/admin/a%2Fb", "/other//x", "/%6fther"]) {
      expect(await select(path)).toBe(path.startsWith("/admin") ? "/admin/*" : "none");
    }
  });

  test("without routes no path is ambiguous or malformed", async () => {
    for (const path of ["/%", "//a", "/a%2Fb"]) expect((await policy()(ok)(get(path))).status).toBe(200);
  });
});

test("/* is every path", async () => {
  const select = selecting("/*", "/a");
  expect(await select("/")).toBe("/*");
  expect(await select("/b/c")).toBe("/*");
  expect(await select("/a")).toBe("/a");
  expect(await select("/a/")).toBe("ambiguous_path");
});

test("the order in which entries are written does not matter", async () => {
  for (const select of [selecting("/a/*", "/a/b/*"), selecting("/a/b/*", "/a/*")]) {
    expect(await select("/a/b/c")).toBe("/a/b/*");
    expect(await select("/a/c")).toBe("/a/*");
  }
});

test("an ambiguous path is refused before anything else looks at it, with an event", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ auth: tokens, onEvent, routes: { "/public/*": { auth: "none" } } });
  const response = await api(ok)(get("/public/..%2Fadmin?token=secret", as("ann")));
  const body = await expectProblem(response, 400, "ambiguous_path");
  expect(JSON.stringify(body)).not.toContain("admin");
  expect(events).toMatchObject([
    { type: "refused", code: "ambiguous_path", status: 400, path: "/public/..%2Fadmin", method: "GET" },
  ]);
});

test("the refusal of a malformed path may be read by an allowed origin", async () => {
  const api = policy({ cors: { origins: ["https://a.example.com"] }, routes: { "/a": {} }, onEvent: silent });
  const response = await api(ok)(get("/%", { origin: "https://a.example.com" }));
  expect(response.headers.get("access-control-allow-origin")).toBe("https://a.example.com");
  await expectProblem(response, 400, "malformed_path");
});

test("a malformed path is refused as a problem", async () => {
  await expectProblem(await policy({ onEvent: silent, routes: { "/a": {} } })(ok)(get("/%")), 400, "malformed_path");
});

test("entries never merge: the longest one alone holds", async () => {
  const api = policy({ auth: tokens, routes: { "/a/*": { auth: "none" }, "/a/b": { methods: ["GET"] } } });
  expect((await api(ok)(get("/a/x"))).status).toBe(200);
  await expectProblem(await api(ok)(get("/a/b")), 401, "credentials_required");
});

describe("a requirement beats a route override", () => {
  const api = policy({ auth: tokens, routes: { "/open": { auth: "none" }, "/maybe": { auth: "optional" } } });
  const requiring: readonly (readonly [name: string, fetch: ReturnType<Policy>])[] = [
    ['auth: "required"', api({ auth: "required" }, ok)],
    ["check", api({ check: ({ subject }) => subject === "ann" }, ok)],
  ];

  test.each(requiring)("%s", async (_name, fetch) => {
    for (const path of ["/open", "/maybe"]) {
      const response = await fetch(get(path));
      await expectProblem(response, 401, "credentials_required");
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api"');
      expect((await fetch(get(path, as("ann")))).status).toBe(200);
    }
  });
});

test.each([
  ["health", /starts with a slash/],
  ["", /starts with a slash/],
  ["*", /starts with a slash/],
  ["https://a.example/x", /starts with a slash/],
  ["/a%20b", /decoded/],
  ["/a?b", /decoded/],
  ["/a#b", /decoded/],
  ["/a\\b", /decoded/],
  ["/*/a", /only at the end/],
  ["/a*", /only at the end/],
  ["/a/**", /only at the end/],
  ["/a/", /slash at the end/],
  ["/a//b", /empty/],
  ["//a", /empty/],
  ["/a/./b", /dot segments/],
  ["/a/../b", /dot segments/],
  ["/a/..", /dot segments/],
  ["/a//*", /empty|slash/],
])("refuses the key %j", (path, message) => {
  expectMistake({ routes: { [path]: {} } }, `routes["${path}"]`, message);
});

test.each([
  [{ auth: "none" }, "auth", /does not have/],
  [{ auth: "required" }, "auth", /one of "none", "optional"/],
  [{ rateLimit: 7 }, "rateLimit", /^7 must be "none" or an object of options/],
  [{ rateLimit: false }, "rateLimit", /^false must be "none" or an object of options/],
  [{ crossOrigin: "on" }, "crossOrigin", /"off"/],
  [{ headers: "json" }, "headers", /"html"/],
  [{ headers: false }, "headers", /"html"/],
  [{ cache: "private" }, "cache", /"shared"/],
  [{ cors: {} }, "cors", /unknown option/],
  [{ methods: undefined }, "methods", /is undefined/],
  [{ auth: undefined }, "auth", /is undefined/],
  [{ rateLimit: undefined }, "rateLimit", /is undefined/],
])("refuses the override %j", (override, key, message) => {
  const issues = issuesFrom(() => untyped({ routes: { "/a": override } }));
  expect(issues.map(({ path }) => path)).toContain(`routes["/a"].${key}`);
  expect(issues.map(({ message: text }) => text).join()).toMatch(message);
});

test("refuses to switch cross-origin protection off for a prefix", () => {
  expectMistake(
    { routes: { "/hooks/*": { crossOrigin: "off" } } },
    'routes["/hooks/*"].crossOrigin',
    /exact paths only/,
  );
});

test.each([null, undefined, "x", 7])("refuses routes: %j", (routes) => {
  expect(issuesFrom(() => untyped({ routes })).map(({ path }) => path)).toEqual(["routes"]);
});

test.each([undefined, null, "none", false])("refuses an entry that is %j", (entry) => {
  expectMistake({ routes: { "/a": entry } }, 'routes["/a"]', /not an object/);
});

/** A request whose URL is handed on as it came, as Deno does. */
function raw(url: string): Request {
  return Object.defineProperty(get(), "url", { value: url });
}

describe("a URL that came unread", () => {
  const api = policy({ onEvent: silent, auth: tokens, routes: { "/public/*": { auth: "none" } } });

  test.each([
    "http://a.example/public/..\\secret",
    "http://a.example/public/x\\..\\..\\secret",
    "http://a.example/public/.\t./secret",
    "http:///public/secret", // Host: /public
    "http://a.example\\secret?/public/x", // Host: a.example\secret?
    "http://a.example?/public/x",
    "http://a.example#/public/x",
    "http://a.example\\secret/public/x", // Host: a.example\secret
    "http://a.example/public/%2e%2e%5csecret",
  ])("%s does not get the rules of /public/*", async (url) => {
    const response = await api(ok)(raw(url));
    expect([400, 401]).toContain(response.status);
  });

  test.each(["http://a.example\\secret", "http://a.example?/secret", "http:///secret"])(
    "%s does not get the rules of the root either",
    async (url) => {
      const open = policy({ onEvent: silent, auth: tokens, routes: { "/": { auth: "none" } } });
      await expectProblem(await open(ok)(raw(url)), 400, "malformed_path");
    },
  );

  test("reaches the handler under the rules of its path where all agree on it", async () => {
    expect((await api(ok)(raw("http://a:b@c.example:80/public/x?y#z"))).status).toBe(200);
  });
});

test.each(["/health ", " /health", "/hea\tlth", "/health\n"])("refuses the key %j", (path) => {
  expect(issuesFrom(() => untyped({ routes: { [path]: { methods: ["GET"] } } }))).toMatchObject([
    { path: `routes["${path}"]` },
  ]);
});
