import { describe, expect, test } from "vitest";
import { ConfigError, memoryStore, policy, problem } from "../src/index.ts";
import { as, expectProblem, get, ok, silent, tokens } from "./lib/harness.ts";

const at = { clientIp: "192.0.2.1" };

test("a key replaces, the others stay, and the first policy is as it was", async () => {
  const first = policy({
    headers: { frameOptions: false, referrerPolicy: "origin" },
    requestId: { header: "X-Trace" },
  });
  const second = first.with({ headers: { referrerPolicy: "same-origin" } });
  const before = (await first(ok)(get())).headers;
  const after = (await second(ok)(get())).headers;
  expect([before.get("x-frame-options"), before.get("referrer-policy")]).toEqual([null, "origin"]);
  expect([after.get("x-frame-options"), after.get("referrer-policy")]).toEqual(["DENY", "same-origin"]);
  expect(after.has("x-trace")).toBe(true);
});

test("routes are merged: an entry replaces the one of its path, the others stay", async () => {
  const first = policy({ routes: { "/a": { methods: ["GET"] }, "/b": { methods: ["GET"] } } });
  const fetch = first.with({ routes: { "/b": { methods: ["PUT"] }, "/c": { methods: ["PUT"] } } })(ok);
  const allow = async (path: string): Promise<string | null> =>
    (await fetch(new Request(`https://a.example${path}`, { method: "POST" }))).headers.get("allow");
  expect([await allow("/a"), await allow("/b"), await allow("/c")]).toEqual(["GET, HEAD", "PUT", "PUT"]);
});

test("checks are appended and see the facts of earlier ones", async () => {
  const api = policy({ checks: [{ name: "a", check: () => ({ a: 1 }) }] })
    .with({ checks: [{ name: "b", check: (_request, { a }) => ({ b: a + 1 }) }] })
    .with({ requireHttps: true });
  expect(await (await api((_request, { a, b }) => Response.json({ a, b }))(get())).json()).toEqual({ a: 1, b: 2 });
});

test("an appended check of the same name is refused", () => {
  const api = policy({ checks: [{ name: "a", check: () => undefined }] });
  expect(() => api.with({ checks: [{ name: "a", check: () => undefined }] })).toThrow(/there twice/);
});

describe("the store", () => {
  const rateLimit = { limit: 1, windowSeconds: 60 } as const;

  test("is kept, so that both policies count in one bucket", async () => {
    const first = policy({ rateLimit });
    const second = first.with({ requireHttps: true });
    expect((await first.run(get(), at, ok)).status).toBe(200);
    expect((await second.run(get(), at, ok)).status).toBe(429);
    expect((await first.with({ rateLimit }).run(get(), at, ok)).status).toBe(429);
  });

  test("is not shared by two policies that were made apart", async () => {
    expect((await policy({ rateLimit }).run(get(), at, ok)).status).toBe(200);
    expect((await policy({ rateLimit }).run(get(), at, ok)).status).toBe(200);
  });

  test("can be replaced", async () => {
    const first = policy({ rateLimit });
    await first.run(get(), at, ok);
    expect((await first.with({ store: memoryStore() }).run(get(), at, ok)).status).toBe(200);
  });

  test("keeps its buckets where a limit's settings stay, and starts clean where they change", async () => {
    const first = policy({ rateLimit });
    await first.run(get(), at, ok);
    expect((await first.with({ rateLimit: { limit: 2, windowSeconds: 60 } }).run(get(), at, ok)).status).toBe(200);
  });
});

describe("auth", () => {
  test('"none" takes it away: no challenge, no auth in the context', async () => {
    const api = policy({ auth: tokens }).with({ auth: "none" });
    const response = await api((_request, context) => Response.json("auth" in context))(get());
    expect(await response.json()).toBe(false);
    expect(response.headers.get("vary")).toBeNull();
  });

  test('"none" beside what needs an identity is refused', () => {
    const limited = policy({ auth: tokens, rateLimit: { limit: 1, windowSeconds: 1, by: "identity" } });
    expect(() => limited.with({ auth: "none" })).toThrow(/"identity" needs a policy with auth/);
  });

  test('"none" drops what routes said of it, and keeps the rest of them', async () => {
    const api = policy({ auth: tokens, routes: { "/a": { auth: "none", methods: ["GET"] } } }).with({ auth: "none" });
    expect((await api(ok)(get("/a"))).status).toBe(200);
    const post = await api(ok)(new Request("https://api.example.com/a", { method: "POST" }));
    expect(post.headers.get("allow")).toBe("GET, HEAD");
  });

  test("can be added", async () => {
    const api = policy({ onEvent: silent }).with({ auth: tokens });
    await expectProblem(await api(ok)(get()), 401, "credentials_required");
    expect((await api(ok)(get("/", as("ann")))).status).toBe(200);
  });
});

describe("a policy with checks", () => {
  const onlyAnn = policy({
    auth: tokens,
    onEvent: silent,
    checks: [{ name: "ann", check: (_r, { auth }) => (auth.subject === "ann" ? undefined : problem(403, "not_ann")) }],
  });
  const message = /give the checks that hold now/;

  test.each([
    ["a new auth", { auth: tokens }],
    ['auth: "none"', { auth: "none" }],
    ["a route without auth", { routes: { "/a": { auth: "none" } } }],
    ["a route with optional auth", { routes: { "/a": { auth: "optional" } } }],
  ] as const)("refuses %s without new checks", (_name, config) => {
    const extend = onlyAnn.with as (config: object) => unknown; // a union of configurations fits no overload
    expect(() => extend(config)).toThrow(message);
    expect(() => extend(config)).toThrow(ConfigError);
  });

  test("takes new checks beside a new auth, which replace the old ones", async () => {
    const checks = [{ name: "bob", check: () => ({ bob: true }) }] as const;
    const api = onlyAnn.with({ auth: tokens, checks: [...checks] });
    expect((await api(ok)(get("/", as("bob")))).status).toBe(200);
    expect(api.describe().checks).toEqual(["bob"]);
  });

  test("takes an empty list to say that none hold", async () => {
    const api = onlyAnn.with({ routes: { "/open": { auth: "none" } }, checks: [] });
    expect((await api(ok)(get("/open"))).status).toBe(200);
    expect(api.describe().checks).toEqual([]);
  });

  test("keeps its checks where neither auth nor a route's auth changes", async () => {
    const api = onlyAnn.with({ routes: { "/a": { rateLimit: "none" } } });
    await expectProblem(await api(ok)(get("/a", as("bob"))), 403, "not_ann");
  });
});
