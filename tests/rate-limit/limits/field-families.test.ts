import { parseItem, parseList } from "structured-headers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryStore, policy, type RateLimitFieldFamily, type RateLimitStore } from "../../../src/index.ts";
import { as, get, ok, silent, tokens } from "../../lib/harness.ts";
import { at, now, take } from "./support.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

const rateLimit = [
  { name: "minute", limit: 30, windowSeconds: 60 },
  { name: "hour", limit: 40, windowSeconds: 3600, burst: 4 },
];
const hourResetSeconds = Math.ceil((now + 90_000) / 1000);

const expected: Record<RateLimitFieldFamily, Record<string, string>> = {
  "draft-11": {
    "ratelimit-policy": '"minute";q=30;w=60, "hour";q=40;w=3600',
    ratelimit: '"minute";r=29;t=2, "hour";r=3;t=90',
  },
  "draft-7": {
    "ratelimit-policy": "30;w=60, 40;w=3600",
    ratelimit: "limit=40, remaining=3, reset=90",
  },
  "draft-6": {
    "ratelimit-policy": "30;w=60, 40;w=3600",
    "ratelimit-limit": "40",
    "ratelimit-remaining": "3",
    "ratelimit-reset": "90",
  },
  "x-ratelimit": {
    "x-ratelimit-limit": "40",
    "x-ratelimit-remaining": "3",
    "x-ratelimit-reset": String(hourResetSeconds),
  },
};

function fieldsOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.includes("ratelimit")));
}

test.each<readonly RateLimitFieldFamily[]>([
  ["draft-11"],
  ["draft-7"],
  ["draft-6"],
  ["x-ratelimit"],
  ["draft-7", "draft-6"],
  ["draft-7", "draft-6", "x-ratelimit"],
  ["draft-11", "x-ratelimit"],
  ["x-ratelimit", "x-ratelimit"],
])("the families %s %s %s write exactly their fields", async (...families) => {
  const chosen = families.filter((family) => family !== undefined);
  const response = await take(policy({ rateLimit, rateLimitFields: chosen }));
  expect(fieldsOf(response)).toEqual(Object.assign({}, ...chosen.map((family) => expected[family])));
});

test.each([[["draft-11", "draft-6"]], [["draft-6", "draft-11"]]] as const)(
  "in %j the policies are draft-11's, which say all that draft-6's say",
  async (rateLimitFields) => {
    const response = await take(policy({ rateLimit, rateLimitFields }));
    expect(fieldsOf(response)).toEqual({ ...expected["draft-6"], ...expected["draft-11"] });
  },
);

test("an empty list writes none, and limits all the same", async () => {
  const api = policy({ rateLimit: { limit: 1, windowSeconds: 60 }, rateLimitFields: [], onEvent: silent });
  expect(fieldsOf(await take(api))).toEqual({});
  const refused = await take(api);
  expect([refused.status, refused.headers.get("retry-after"), fieldsOf(refused)]).toEqual([429, "60", {}]);
});

test.each([[["draft-11"]], [["draft-7"]], [["draft-6"]]] as const)(
  "an independent parser reads %j on each kind of response",
  async (rateLimitFields) => {
    const api = policy({
      auth: tokens,
      rateLimit: { name: "a", limit: 6, windowSeconds: 60 },
      rateLimitFields,
      onEvent: silent,
    });
    const token = get("/", as("ann"));
    const answers = [
      await api.run(token, at, ok),
      await api.run(token, at, () => new Response(null, { status: 404 })),
      await api.run(token, at, () => Response.redirect("https://a.example/")),
      await api.run(token, at, () => new Response(null, { status: 204 })),
      await api.run(token, at, () => {
        throw new Error("x");
      }),
      await api.run(get(), at, ok),
      await api.run(token, at, ok),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 302, 204, 500, 401, 429]);
    for (const [index, { headers }] of answers.entries()) {
      const [policies] = parseList(headers.get("ratelimit-policy") ?? "");
      expect(policies?.[1].get("w")).toBe(60);
      const left = Math.max(0, 5 - index);
      if (rateLimitFields[0] === "draft-11") {
        const [limit] = parseList(headers.get("ratelimit") ?? "");
        expect([limit?.[0], limit?.[1].get("r"), Number.isInteger(limit?.[1].get("t"))]).toEqual(["a", left, true]);
      } else if (rateLimitFields[0] === "draft-7") {
        expect(headers.get("ratelimit")).toMatch(new RegExp(`^limit=6, remaining=${left}, reset=\\d+$`));
      } else {
        expect(parseItem(headers.get("ratelimit-remaining") ?? "")[0]).toBe(left);
      }
    }
  },
);

test("every name that a limit may have is a string that a parser reads", async () => {
  const names = ["a", "A-z_0.9", "/users/*", "*", "-", "x".repeat(64)];
  const limits = names.map((name) => ({ name, limit: 9, windowSeconds: 60 }));
  const { headers } = await take(policy({ rateLimit: limits }));
  expect(parseList(headers.get("ratelimit") ?? "").map(([name]) => name)).toEqual(names);
  expect(parseList(headers.get("ratelimit-policy") ?? "").map(([name]) => name)).toEqual(names);
});

test("browsers may read the fields of the chosen families, and no others", async () => {
  const origin = "https://app.example.com";
  const api = policy({ cors: { origins: [origin] }, rateLimit, rateLimitFields: ["draft-6"] });
  const { headers } = await take(api, get("/", { origin }));
  const exposed = (headers.get("access-control-expose-headers") ?? "").toLowerCase().split(/, */);
  for (const name of Object.keys(expected["draft-6"])) expect(exposed).toContain(name);
  expect(exposed).toContain("retry-after");
  expect(exposed.some((name) => name.startsWith("x-ratelimit"))).toBe(false);
});

test("where nobody knows what is left, a handler's numbers are taken off, and its other fields are kept", async () => {
  const blind: RateLimitStore = {
    ...memoryStore(),
    consume: (checks) => checks.map(() => ({ allowed: true, remaining: null, retryAfterMs: 0, resetMs: null })),
  };
  const forged = { "RateLimit-Policy": "x", RateLimit: '"x";r=9', "X-RateLimit-Limit": "9", "X-Other": "kept" };
  const handler = (): Response => Response.json({}, { headers: forged });
  const response = await policy({ store: blind, rateLimit }).run(get(), at, handler);
  expect(fieldsOf(response)).toEqual({ "ratelimit-policy": expected["draft-11"]["ratelimit-policy"] });
  expect(response.headers.get("x-other")).toBe("kept");
});

test("a handler cannot forge the policies of draft-6", async () => {
  const handler = (): Response => Response.json({}, { headers: { "RateLimit-Policy": "99999;w=1" } });
  const response = await policy({ rateLimit, rateLimitFields: ["draft-6"] }).run(get(), at, handler);
  expect(fieldsOf(response)).toEqual(expected["draft-6"]);
});
