import { expect, test } from "vitest";
import { policy, type RateLimitOptions } from "../../../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, tokens } from "../../lib/harness.ts";
import { at, recordingStore, statuses, take } from "./support.ts";

const hour = { windowSeconds: 3600 } as const;

test("the limits of a step are one question to the store, in the order of the configuration", async () => {
  const store = recordingStore();
  const rateLimit = [
    { name: "a", limit: 5, ...hour },
    { name: "b", limit: 6, ...hour, by: "identity" as const },
    { name: "c", limit: 7, ...hour, dangerouslyBy: () => "everybody" },
    { name: "d", limit: 8, ...hour, by: () => "x" },
  ];
  const api = policy({ auth: tokens, store, rateLimit });
  await api.run(get("/", as("ann")), at, ok);
  const names = store.asked.map((checks) => checks.map(({ limit }) => limit.name));
  expect(names).toEqual([
    ["a", "c", "auth-failures"],
    ["b", "d"],
  ]);
});

test("a refusal by one leaves the others as they were, whatever their algorithm", async () => {
  const algorithms = ["gcra", "fixed-window", "sliding-window", "sliding-log"] as const;
  const rateLimit = [
    ...algorithms.map((algorithm) => ({ name: algorithm, limit: 50, ...hour, algorithm })),
    { name: "tight", limit: 1, ...hour },
  ];
  const api = policy({ rateLimit, onEvent: silent });
  expect((await take(api)).status).toBe(200);
  for (let count = 0; count < 20; count++) await take(api);
  const { headers } = await take(api);
  for (const name of algorithms) expect(headers.get("ratelimit")).toContain(`"${name}";r=49;`);
});

test.each(["gcra", "fixed-window", "sliding-window", "sliding-log"] as const)(
  "%s admits the limit and no more",
  async (algorithm) => {
    const api = policy({ rateLimit: { limit: 3, ...hour, algorithm }, onEvent: silent });
    expect(await statuses(api, 5)).toEqual([200, 200, 200, 429, 429]);
  },
);

test("a limit that reports counts, tells, refuses nothing and writes no fields", async () => {
  const { events, onEvent } = recorder();
  const store = recordingStore();
  const api = policy({ store, rateLimit: { name: "try", limit: 2, ...hour, mode: "report" }, onEvent });
  for (let count = 0; count < 4; count++) {
    const response = await take(api);
    expect(response.status).toBe(200);
    expect([...response.headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
    expect(response.headers.get("retry-after")).toBeNull();
  }
  expect(store.asked).toHaveLength(4);
  const limited = { type: "limited", code: "rate_limited", limits: ["try"], reported: true, path: "/" };
  expect(events).toMatchObject([limited, limited]);
});

test("beside limits that refuse, one that reports has no say and no field", async () => {
  const { events, onEvent } = recorder();
  const rateLimit = [
    { name: "hard", limit: 2, ...hour },
    { name: "soft", limit: 1, ...hour, mode: "report" as const },
  ];
  const api = policy({ rateLimit, onEvent });
  const seen = [await take(api), await take(api), await take(api)];
  expect(seen.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(seen[1]?.headers.get("ratelimit-policy")).toBe('"hard";q=2;w=3600');
  expect(events.map((event) => "limits" in event && [event.limits, event.reported])).toEqual([
    [["soft"], true],
    [["soft"], true],
    [["hard"], undefined],
  ]);
});

test.each<readonly [string, Partial<RateLimitOptions>, object]>([
  [
    "cost more than is ever granted",
    { cost: () => 99 },
    { type: "refused", code: "cost_exceeds_limit", reported: true },
  ],
  ["have a broken cost", { cost: () => -1 }, { type: "handler_error" }],
  ["have an empty key", { dangerouslyBy: () => "" }, { type: "handler_error" }],
])("limits that report break nothing when they %s: it is told, and the others count", async (_name, broken, event) => {
  const { events, onEvent } = recorder();
  const store = recordingStore();
  const rateLimit = [
    { name: "broken", limit: 9, ...hour, mode: "report" as const, ...broken },
    { name: "fine", limit: 9, ...hour, mode: "report" as const },
  ];
  expect((await take(policy({ store, rateLimit, onEvent }))).status).toBe(200);
  expect(events).toMatchObject([event]);
  expect(store.asked.map((checks) => checks.map(({ limit }) => limit.name))).toEqual([["fine"]]);
});

test("a refusal says who refused, and a later one gives nothing back of an earlier step", async () => {
  const rateLimit = [
    { name: "ip", limit: 3, ...hour },
    { name: "user", limit: 1, ...hour, by: "identity" as const },
  ];
  const api = policy({ auth: tokens, rateLimit, onEvent: silent });
  const request = (): Promise<Response> => api.run(get("/", as("ann")), at, ok);
  await request();
  expect(await expectProblem(await request(), 429, "rate_limited")).toMatchObject({ "violated-policies": ["user"] });
  await request();
  expect(await expectProblem(await request(), 429, "rate_limited")).toMatchObject({ "violated-policies": ["ip"] });
});
