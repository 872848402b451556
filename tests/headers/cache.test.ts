import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { as, get, recorder, tokens } from "../lib/harness.ts";

type Fields = Record<string, string>;

const answering =
  (headers: Fields, status = 200) =>
  (): Response =>
    status === 304 ? new Response(null, { status, headers }) : Response.json({}, { status, headers });

const plain = async (headers: Fields, status?: number): Promise<string | null> =>
  (await policy()(answering(headers, status))(get())).headers.get("cache-control");

test.each<[Fields, number, string]>([
  [{}, 200, "no-store"],
  [{}, 404, "no-store"],
  [{ etag: '"1"' }, 200, "private, no-cache"],
  [{ "last-modified": "Tue, 15 Nov 1994 12:45:26 GMT" }, 200, "private, no-cache"],
  [{}, 304, "private, no-cache"],
  [{ etag: '"1"', "cache-control": "max-age=5" }, 200, "max-age=5"],
  [{ "cache-control": "public, max-age=60" }, 200, "public, max-age=60"],
])("a response with %j and status %i gets %s", async (headers, status, expected) => {
  expect(await plain(headers, status)).toBe(expected);
});

test("headers.cacheControl replaces the default, also beside a validator", async () => {
  const api = policy({ headers: { cacheControl: "private, max-age=10" } });
  expect((await api(answering({}))(get())).headers.get("cache-control")).toBe("private, max-age=10");
  expect((await api(answering({ etag: '"1"' }))(get())).headers.get("cache-control")).toBe("private, max-age=10");
});

/** Each `Cache-Control` of a handler, and what may leave where it is meant for one user. */
const narrowed: readonly (readonly [before: string, after: string])[] = [
  ["public", "private"],
  ["public, max-age=60", "max-age=60, private"],
  ["PUBLIC,S-MaxAge=5,max-age=60", "max-age=60, private"],
  ["max-age=60", "max-age=60, private"],
  ["s-maxage=600", "private"],
  ['private="x-secret", max-age=60', "max-age=60, private"],
  ['private="a, no-store", max-age=60', "max-age=60, private"],
  ["no-cache", "no-cache, private"],
];
const kept: readonly string[] = [
  "private",
  "Private, max-age=60",
  "no-store",
  "public, no-store",
  "private,s-maxage=5",
];

const situations: readonly (readonly [name: string, config: { auth?: typeof tokens }, request: Fields, own: Fields])[] =
  [
    ["a response with Set-Cookie", {}, {}, { "set-cookie": "a=1" }],
    ["a response to a credentialed request", { auth: tokens }, as("ann"), {}],
  ];

for (const [name, config, request, own] of situations) {
  test.each(narrowed)(`${name} has %s narrowed to %s`, async (before, after) => {
    const { events, onEvent } = recorder();
    const api = policy({ ...config, onEvent });
    const response = await api(answering({ ...own, "cache-control": before }))(get("/a?b", request));
    expect(response.headers.get("cache-control")).toBe(after);
    expect(events).toMatchObject([{ type: "warning", code: "cache_narrowed", method: "GET", path: "/a" }]);
  });

  test.each(kept)(`${name} keeps %s`, async (value) => {
    const { events, onEvent } = recorder();
    const api = policy({ ...config, onEvent });
    const response = await api(answering({ ...own, "cache-control": value }))(get("/", request));
    expect(response.headers.get("cache-control")).toBe(value);
    expect(events).toEqual([]);
  });

  test.each(["CDN-Cache-Control", "Vercel-CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control"])(
    `${name} loses %s`,
    async (field) => {
      const { events, onEvent } = recorder();
      const api = policy({ ...config, onEvent });
      const response = await api(answering({ ...own, [field]: "max-age=600" }))(get("/", request));
      expect(response.headers.get(field)).toBeNull();
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(events).toMatchObject([{ code: "cache_narrowed" }]);
    },
  );

  test.each(["private", "private, max-age=60", "no-store"])(
    `${name} is kept by no CDN either where the handler says %s to others`,
    async (value) => {
      const { events, onEvent } = recorder();
      const both = { ...own, "cache-control": value, "CDN-Cache-Control": "max-age=600" };
      const response = await policy({ ...config, onEvent })(answering(both))(get("/", request));
      expect(response.headers.get("cdn-cache-control")).toBeNull();
      expect(response.headers.get("cache-control")).toBe(value);
      expect(events).toMatchObject([{ code: "cache_narrowed" }]);
    },
  );

  test(`${name} is narrowed also where the policy's own fields would share it`, async () => {
    const headers = { cacheControl: "public, max-age=60", extra: { "CDN-Cache-Control": "max-age=60" } };
    const response = await policy({ ...config, headers })(answering(own))(get("/", request));
    expect(response.headers.get("cache-control")).toBe("max-age=60, private");
    expect(response.headers.get("cdn-cache-control")).toBeNull();
  });

  test(`${name} becomes private where headers.cacheControl is false and the handler says nothing`, async () => {
    const response = await policy({ ...config, headers: { cacheControl: false } })(answering(own))(get("/", request));
    expect(response.headers.get("cache-control")).toBe("private");
  });

  test(`${name} stays shared on a route with cache: "shared"`, async () => {
    const { events, onEvent } = recorder();
    const shared = { "/shared": { cache: "shared" } } as const;
    const fetch = policy({ ...config, routes: shared, onEvent })(
      answering({ ...own, "cache-control": "public, s-maxage=9", "cdn-cache-control": "max-age=9" }),
    );
    const response = await fetch(get("/shared", request));
    expect(response.headers.get("cache-control")).toBe("public, s-maxage=9");
    expect(response.headers.get("cdn-cache-control")).toBe("max-age=9");
    expect(events).toEqual([]);
    expect((await fetch(get("/other", request))).headers.get("cache-control")).toBe("private");
  });
}

test("without credentials and cookies a public response stays public, with auth configured too", async () => {
  const api = policy({ auth: tokens, routes: { "/open": { auth: "optional" } } });
  const response = await api(answering({ "cache-control": "public" }))(get("/open"));
  expect(response.headers.get("cache-control")).toBe("public");
  expect(response.headers.get("vary")).toBe("Authorization");
});

test("an Authorization field that no authenticator looks at narrows nothing", async () => {
  const response = await policy()(answering({ "cache-control": "public" }))(get("/", as("ann")));
  expect(response.headers.get("cache-control")).toBe("public");
});
