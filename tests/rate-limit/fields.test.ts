import { parseList } from "structured-headers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Policy, policy } from "../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../lib/harness.ts";

const now = 1_763_769_600_000;
const at = { clientIp: "192.0.2.1" };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

const take = (api: Policy, request = get()): Promise<Response> => api.run(request, at, ok);

/** A structured list of named items, as an independent parser reads it. */
function items(response: Response, name: string): Record<string, Record<string, unknown>> {
  const list = parseList(response.headers.get(name) ?? "");
  return Object.fromEntries(list.map(([item, parameters]) => [String(item), Object.fromEntries(parameters)]));
}

const legacy = ({ headers }: Response): (string | null)[] =>
  ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}`));

test("an admitted request gets the exact fields of both families", async () => {
  const response = await take(policy({ rateLimit: { name: "ip", limit: 300, windowSeconds: 60 } }));
  expect(response.status).toBe(200);
  expect(response.headers.get("ratelimit-policy")).toBe('"ip";q=300;w=60');
  expect(response.headers.get("ratelimit")).toBe('"ip";r=299;t=1');
  expect(legacy(response)).toEqual(["300", "299", String(now / 1000 + 1)]);
  expect(response.headers.get("retry-after")).toBeNull();
});

test("several limits are a structured list, in the order of the configuration", async () => {
  const api = policy({
    rateLimit: [
      { name: "minute", limit: 30, windowSeconds: 60 },
      { name: "/day.total-1*", limit: 1000, windowSeconds: 86_400, burst: 50 },
    ],
  });
  const response = await take(api);
  expect(items(response, "ratelimit-policy")).toEqual({
    minute: { q: 30, w: 60 },
    "/day.total-1*": { q: 1000, w: 86_400 },
  });
  expect(items(response, "ratelimit")).toEqual({ minute: { r: 29, t: 2 }, "/day.total-1*": { r: 49, t: 87 } });
  expect(Object.keys(items(response, "ratelimit"))).toEqual(["minute", "/day.total-1*"]);
});

test("X-RateLimit shows the limit nearest to exhaustion", async () => {
  const api = policy({
    rateLimit: [
      { name: "wide", limit: 100, windowSeconds: 60 },
      { name: "tight", limit: 4, windowSeconds: 60 },
      { name: "middle", limit: 10, windowSeconds: 60 },
    ],
  });
  expect(legacy(await take(api))).toEqual(["4", "3", String(now / 1000 + 15)]);
});

test("a refusal is the draft's problem, with Retry-After and t equal to the retry time", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ rateLimit: { name: "ip", limit: 2, windowSeconds: 61 }, onEvent });
  await take(api);
  await take(api);
  const response = await take(api, get("/a?b"));
  expect(await expectProblem(response, 429, "rate_limited")).toMatchObject({
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Quota Exceeded",
    "violated-policies": ["ip"],
  });
  expect(response.headers.get("retry-after")).toBe("31"); // 30.5 s, rounded up
  expect(items(response, "ratelimit")).toEqual({ ip: { r: 0, t: 31 } });
  expect(legacy(response)).toEqual(["2", "0", String(now / 1000 + 31)]);
  expect(events).toMatchObject([{ type: "limited", limits: ["ip"], retryAfterMs: 30_500, path: "/a" }]);
  vi.setSystemTime(now + 30_498);
  expect((await take(api)).status).toBe(429);
  vi.setSystemTime(now + 30_500);
  expect((await take(api)).status).toBe(200);
});

test("Retry-After is at least a second", async () => {
  const api = policy({ rateLimit: { limit: 1000, windowSeconds: 1, burst: 1 }, onEvent: silent });
  await take(api);
  const response = await take(api);
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "1"]);
});

describe("several limits", () => {
  const rateLimit = [
    { name: "hour", limit: 2, windowSeconds: 3600 },
    { name: "minute", limit: 2, windowSeconds: 60 },
    { name: "day", limit: 9, windowSeconds: 86_400 },
  ];

  test("refuse with the names of those violated and the largest retry time", async () => {
    const api = policy({ rateLimit, onEvent: silent });
    await take(api);
    await take(api);
    const response = await take(api);
    expect(await expectProblem(response, 429, "rate_limited")).toMatchObject({
      "violated-policies": ["hour", "minute"],
    });
    expect(response.headers.get("retry-after")).toBe("1800");
    expect(items(response, "ratelimit").day).toMatchObject({ r: 7 });
    expect(legacy(response)).toEqual(["2", "0", String(now / 1000 + 1800)]);
  });

  test("are all or nothing: what one refuses, no other counts", async () => {
    const api = policy({ rateLimit, onEvent: silent });
    for (let count = 0; count < 50; count++) await take(api);
    vi.setSystemTime(now + 1_800_000);
    const response = await take(api);
    expect(response.status).toBe(200);
    expect(items(response, "ratelimit").day).toMatchObject({ r: 6 });
  });
});

test("fields are on every response that was counted: refusals after it, errors, redirects, HEAD", async () => {
  const api = policy({ rateLimit: { limit: 100, windowSeconds: 60 }, onEvent: silent });
  const answers = [
    await api.run(get(), at, () => {
      throw new Error("x");
    }),
    await api.run(get(), at, () => Response.redirect("https://a.example/")),
    await api.run(new Request("https://a.example/", { method: "HEAD" }), at, ok),
    await api.with({ checks: [{ name: "no", check: () => Promise.reject(new Error("x")) }] }).run(get(), at, ok),
  ];
  for (const { headers } of answers) expect(headers.get("ratelimit")).toMatch(/^"default";r=\d+;t=\d+$/);
});

test("a handler cannot forge the fields of a counted response", async () => {
  const forged = { RateLimit: '"x";r=9', "RateLimit-Policy": "x", "X-RateLimit-Remaining": "9" };
  const api = policy({ rateLimit: { limit: 2, windowSeconds: 60 } });
  const response = await api.run(get(), at, () => Response.json({}, { headers: forged }));
  expect(response.headers.get("ratelimit")).toBe('"default";r=1;t=30');
  expect(legacy(response)[1]).toBe("1");
});

test("remaining may reach the burst, and q stays the limit", async () => {
  const response = await take(policy({ rateLimit: { limit: 100, windowSeconds: 100, burst: 5 } }));
  expect(items(response, "ratelimit-policy")).toEqual({ default: { q: 100, w: 100 } });
  expect(items(response, "ratelimit")).toEqual({ default: { r: 4, t: 1 } });
});
