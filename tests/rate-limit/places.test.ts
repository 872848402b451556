import { describe, expect, test } from "vitest";
import { memoryStore, policy, type RateLimitStore } from "../../src/index.ts";
import {
  as,
  expectMistake,
  expectProblem,
  get,
  issuesFrom,
  mistakesIn,
  ok,
  recorder,
  silent,
  tokens,
  untypedRequirements,
} from "../lib/harness.ts";

const at = { clientIp: "192.0.2.1" };
const one = { limit: 1, windowSeconds: 3600 } as const;

test("a route's limits replace the policy's, and none takes them away", async () => {
  const api = policy({
    rateLimit: one,
    routes: { "/more": { rateLimit: { limit: 5, windowSeconds: 60 } }, "/free": { rateLimit: "none" } },
    onEvent: silent,
  });
  const policies = async (path: string): Promise<string | null> =>
    (await api.run(get(path), at, ok)).headers.get("ratelimit-policy");
  expect(await policies("/more")).toBe('"/more";q=5;w=60');
  expect(await policies("/free")).toBeNull();
  expect(await policies("/")).toBe('"default";q=1;w=3600');
});

test("a requirement's limit is added to the policy's or the route's", async () => {
  const api = policy({ rateLimit: one, routes: { "/free": { rateLimit: "none" } }, onEvent: silent });
  const { run } = api.prepare({ rateLimit: { name: "write", limit: 3, windowSeconds: 60 } }, ok);
  expect((await run(get(), at)).headers.get("ratelimit-policy")).toBe('"default";q=1;w=3600, "write";q=3;w=60');
  expect((await run(get("/free"), at)).headers.get("ratelimit-policy")).toBe('"write";q=3;w=60');
  await expectProblem(await run(get(), at), 429, "rate_limited");
});

test("the limits of two handlers with one name and the same settings are one bucket", async () => {
  const api = policy({ onEvent: silent });
  const login = { rateLimit: { name: "login", ...one } };
  const first = api.prepare(login, ok);
  const second = api.prepare(login, ok);
  expect((await first.run(get(), at)).status).toBe(200);
  expect((await second.run(get(), at)).status).toBe(429);
});

describe("the order of steps", () => {
  test("a limit by address shields authentication", async () => {
    let verified = 0;
    const auth = {
      ...tokens,
      authenticate: (...args: Parameters<typeof tokens.authenticate>) => {
        verified++;
        return tokens.authenticate(...args);
      },
    };
    const api = policy({ auth, rateLimit: one, onEvent: silent });
    expect((await api.run(get("/", { authorization: "Bearer bad" }), at, ok)).status).toBe(401);
    expect((await api.run(get("/", as("ann")), at, ok)).status).toBe(429);
    expect(verified).toBe(1);
  });

  test("a refusal by identity does not give the quota by address back", async () => {
    const api = policy({
      auth: tokens,
      rateLimit: [
        { name: "ip", limit: 5, windowSeconds: 3600 },
        { name: "user", ...one, by: "identity" },
      ],
      onEvent: silent,
    });
    const first = await api.run(get("/", as("ann")), at, ok);
    expect(first.headers.get("ratelimit-policy")).toBe('"ip";q=5;w=3600, "user";q=1;w=3600');
    const second = await api.run(get("/", as("ann")), at, ok);
    expect(second.status).toBe(429);
    expect(second.headers.get("ratelimit")).toMatch(/^"ip";r=3;t=\d+, "user";r=0;t=3600$/);
  });
});

describe("a store that cannot decide is 503 limiter_unavailable", () => {
  const storeThat = (consume: RateLimitStore["consume"]): RateLimitStore => ({ ...memoryStore(), consume });
  test.each<readonly [string, RateLimitStore]>([
    [
      "throws",
      storeThat(() => {
        throw new Error("canary");
      }),
    ],
    ["rejects", storeThat(() => Promise.reject(new Error("canary")))],
    ["gives no verdict", storeThat(() => [])],
    ["promises no verdict", storeThat(async () => [])],
    ["gives nothing", storeThat((() => undefined) as unknown as RateLimitStore["consume"])], // what JavaScript callers may write
  ])("%s", async (_name, store) => {
    for (const auth of [undefined, tokens]) {
      const { events, onEvent } = recorder();
      let calls = 0;
      const rateLimit = { ...one, by: () => "x", onUnavailable: "closed" as const };
      const api =
        auth === undefined ? policy({ store, rateLimit, onEvent }) : policy({ auth, store, rateLimit, onEvent });
      const response = await api.run(get("/", as("ann")), at, () => {
        calls++;
        return ok();
      });
      expect(await response.clone().text()).not.toContain("canary");
      expect(await expectProblem(response, 503, "limiter_unavailable")).toMatchObject({
        type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
      });
      expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(response.headers.get("ratelimit")).toBeNull();
      expect(calls).toBe(0);
      expect(events).toMatchObject([{ type: "store_unavailable", code: "limiter_unavailable" }]);
    }
  });

  test("an asynchronous store that decides is awaited", async () => {
    const memory = memoryStore();
    const api = policy({
      store: storeThat(async (...args) => memory.consume(...args)),
      rateLimit: one,
      onEvent: silent,
    });
    expect((await api.run(get(), at, ok)).status).toBe(200);
    await expectProblem(await api.run(get(), at, ok), 429, "rate_limited");
  });

  test("a store that does not know what is left sends the policy only", async () => {
    const blind = storeThat((checks) =>
      checks.map(() => ({ allowed: true, remaining: null, retryAfterMs: 0, resetMs: null })),
    );
    const { headers } = await policy({ store: blind, rateLimit: one }).run(get(), at, ok);
    expect(headers.get("ratelimit-policy")).toBe('"default";q=1;w=3600');
    expect([...headers.keys()].filter((name) => /^(?:x-ratelimit|ratelimit$)/.test(name))).toEqual([]);
  });
});

test.each([
  [{ windowSeconds: 60 }, "limit", /is missing: write a whole number of requests/],
  [{ limit: 1 }, "windowSeconds", /is missing/],
  [{ limit: 0, windowSeconds: 1 }, "limit", /from 1 to 1000000/],
  [{ limit: 1_000_001, windowSeconds: 1 }, "limit", /from 1 to 1000000/],
  [{ limit: 1.5, windowSeconds: 1 }, "limit", /whole number/],
  [{ limit: "5", windowSeconds: 1 }, "limit", /whole number/],
  [{ limit: 1, windowSeconds: 0 }, "windowSeconds", /from 1 to 31622400/],
  [{ limit: 1, windowSeconds: 31_622_401 }, "windowSeconds", /from 1 to 31622400/],
  [{ limit: 5, windowSeconds: 1, burst: 6 }, "burst", /from 1 to 5/],
  [{ limit: 5, windowSeconds: 1, burst: 0 }, "burst", /from 1 to 5/],
  [{ ...one, by: "identity" }, "by", /needs a policy with auth/],
  [{ ...one, by: "header" }, "by", /must be "ip", "identity" or a function/],
  [{ ...one, by: undefined }, "by", /is undefined/],
  [{ ...one, name: "" }, "name", /1 to 64/],
  [{ ...one, name: 'a"b' }, "name", /1 to 64/],
  [{ ...one, name: "x".repeat(65) }, "name", /1 to 64/],
  [{ ...one, windowMs: 5 }, "windowMs", /unknown option.*windowSeconds/],
])("refuses the limit %j", (rateLimit, key, message) => {
  expectMistake({ rateLimit }, `rateLimit.${key}`, message);
});

test("a list needs names, each of its own", () => {
  expectMistake({ rateLimit: [one] }, "rateLimit[0].name", /is missing/);
  const same = { name: "a", ...one };
  expectMistake({ rateLimit: [same, same] }, "rateLimit[1].name", /there twice/);
});

test("a requirement's limit may not have the name of one that holds already", () => {
  const api = policy({ rateLimit: one });
  const requirements = untypedRequirements({ rateLimit: { name: "default", ...one } });
  expect(issuesFrom(() => api(requirements, ok))[0]?.message).toMatch(/holds already/);
});

test.each([7, "100/m", null, true])("refuses rateLimit: %j", (rateLimit) => {
  expect(mistakesIn({ rateLimit }).join()).toMatch(/^rateLimit: .* is not an object/);
});
