import { expect, test } from "vitest";
import { policy, type RateLimitOptions } from "../../../src/index.ts";
import { as, expectProblem, get, ok, recorder, silent, tokens } from "../../lib/harness.ts";
import { at, recordingStore, statuses, take } from "./support.ts";

const ten = { limit: 10, windowSeconds: 3600 } as const;
const left = ({ headers }: Response): string | null => headers.get("x-ratelimit-remaining");

test("a constant is taken from the quota by each request", async () => {
  const api = policy({ rateLimit: { ...ten, cost: 4 }, onEvent: silent });
  expect(left(await take(api))).toBe("6");
  expect(await statuses(api, 2)).toEqual([200, 429]);
});

test("a function weighs each request by its address, method and path, and knows no identity", async () => {
  const seen: unknown[] = [];
  const cost: RateLimitOptions["cost"] = (facts) => {
    seen.push(facts);
    return facts.path === "/report" ? 5 : 1;
  };
  const api = policy({ auth: tokens, rateLimit: { ...ten, by: "identity", cost }, onEvent: silent });
  expect(left(await api.run(get("/report?secret", as("ann")), at, ok))).toBe("5");
  expect(left(await api.run(get("/", as("ann")), at, ok))).toBe("4");
  expect(seen).toEqual([
    { clientIp: "192.0.2.1", method: "GET", path: "/report" },
    { clientIp: "192.0.2.1", method: "GET", path: "/" },
  ]);
});

test("zero takes nothing, and is still refused where nothing could be taken", async () => {
  const costs = [0, 10, 0, 1];
  const api = policy({ rateLimit: { ...ten, cost: () => costs.shift() ?? 1 }, onEvent: silent });
  expect(left(await take(api))).toBe("10");
  expect(left(await take(api))).toBe("0");
  expect(await statuses(api, 2)).toEqual([200, 429]);
});

test.each<readonly [string, Partial<RateLimitOptions>, number]>([
  ["the limit", {}, 11],
  ["the burst", { burst: 3 }, 4],
  ["the limit, of another algorithm", { algorithm: "sliding-log" }, 11],
])("more than %s is 400 without Retry-After, takes nothing and tells", async (_name, settings, cost) => {
  const { events, onEvent } = recorder();
  const store = recordingStore();
  const limits = [
    { name: "cheap", ...ten },
    { name: "dear", ...ten, ...settings, cost: () => cost },
  ];
  const response = await take(policy({ store, rateLimit: limits, onEvent }));
  expect(response.headers.get("retry-after")).toBeNull();
  expect(response.headers.get("ratelimit")).toBeNull();
  await expectProblem(response, 400, "cost_exceeds_limit");
  expect(store.asked).toEqual([]);
  expect(events).toMatchObject([{ type: "refused", code: "cost_exceeds_limit", status: 400 }]);
});

test.each<readonly [string, () => unknown]>([
  ["a fraction", () => 1.5],
  ["a negative number", () => -1],
  ["not a number", () => Number.NaN],
  ["an infinity", () => Number.POSITIVE_INFINITY],
  ["text", () => "1"],
  ["nothing", () => undefined],
  ["a promise", async () => 1],
  ["a promise that is rejected", () => Promise.reject(new Error("canary"))], // nor does the process end
  [
    "an error",
    () => {
      throw new Error("canary");
    },
  ],
])("a function that gives %s is a 500: nobody passes uncounted", async (_name, cost) => {
  const { events, onEvent } = recorder();
  const limit = { ...ten, cost: cost as () => number }; // what JavaScript callers may write
  const response = await take(policy({ rateLimit: limit, onEvent }));
  expect(await response.clone().text()).not.toContain("canary");
  await expectProblem(response, 500, "internal_error");
  expect(events).toMatchObject([{ type: "handler_error" }]);
});
