import { describe, expect, test, vi } from "vitest";
import { memoryStore, optional, policy, problem, type RateLimitStore } from "../../src/index.ts";
import { expectMistake, expectProblem, get, ok, recorder, silent } from "../lib/harness.ts";
import { schemeOf, whoami } from "./support.ts";

const bearer = schemeOf("Bearer", "token");
const bad = { authorization: "Bearer bad" };
const good = { authorization: "Bearer ann" };
const at = (clientIp?: string): { clientIp?: string } => ({ ...(clientIp !== undefined && { clientIp }) });
const authFailures = { limit: 3, windowSeconds: 60 };

/** Sends one request after the other, and gives their codes. */
async function codes(
  api: { run: (request: Request, platform: { clientIp?: string }, handler: typeof ok) => Promise<Response> },
  requests: readonly Record<string, string>[],
  clientIp = "192.0.2.1",
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const headers of requests) {
    const response = await api.run(get("/", headers), at(clientIp), ok);
    const body: { code?: string } = await response.json();
    found.push(body.code ?? String(response.status));
  }
  return found;
}

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

describe.each<readonly [string, { rateLimit?: { limit: number; windowSeconds: number }; store?: RateLimitStore }]>([
  ["in the memory of the process, where no limit counts addresses", {}],
  ["in the policy's store, beside its limits", { rateLimit: { limit: 1000, windowSeconds: 60 }, store: memoryStore() }],
])("bad credentials are counted by address %s", (_, config) => {
  const api = policy({ auth: bearer, authFailures, onEvent: silent, ...config });

  test("until the limit, after which the address is refused, good credential or not", async () => {
    expect(await codes(api, [...times(3, bad), bad, good])).toEqual([
      ...times(3, "invalid_token"),
      "rate_limited",
      "rate_limited",
    ]);
  });

  test("and other addresses are not", async () => {
    expect(await codes(api, [good], "198.51.100.7")).toEqual(["200"]);
  });

  test("by /64 for IPv6", async () => {
    const addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8:0:1::1"];
    const found = [];
    for (const address of addresses) found.push(...(await codes(api, [bad], address)));
    expect(found).toEqual([...times(3, "invalid_token"), "rate_limited", "invalid_token"]);
  });
});

test("the refusal says when to come back, and of which limit it is", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ auth: bearer, authFailures: { limit: 1, windowSeconds: 60 }, onEvent });
  await api.run(get("/", bad), at("192.0.2.1"), ok);
  const response = await api.run(get("/", good), at("192.0.2.1"), ok);
  expect(response.headers.get("retry-after")).toBe("60");
  const body = await expectProblem(response, 429, "rate_limited");
  expect(body["violated-policies"]).toEqual(["auth-failures"]);
  expect(events.at(-1)).toMatchObject({ type: "limited", limits: ["auth-failures"] });
});

test("who sends many at once has no more tries than those besides limit - 1", async () => {
  let tries = 0;
  const auth = schemeOf("Bearer", "token", {
    authenticate: async (...args) => {
      tries++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return bearer.authenticate(...args);
    },
  });
  const api = policy({ auth, authFailures, onEvent: silent });
  const guess = (): Promise<Response> => api.run(get("/", bad), at("192.0.2.1"), ok);
  for (let count = 1; count < authFailures.limit; count++) await guess();
  const atOnce = await Promise.all(times(10, 0).map(guess));
  expect(new Set(atOnce.map(({ status }) => status))).toEqual(new Set([401]));
  for (let count = 0; count < 3; count++) await expectProblem(await guess(), 429, "rate_limited");
  expect(tries).toBe(authFailures.limit - 1 + 10);
});

test("missing, expired, early and insufficient credentials do not count, nor does another scheme", async () => {
  const auth = schemeOf("Bearer", "token", {
    authenticate: (request) => {
      const [, state] = /^Bearer (expired|not_yet_valid)$/.exec(request.headers.get("authorization") ?? "") ?? [];
      return state === undefined
        ? { method: "token", subject: "ann", scopes: new Set() }
        : problem(401, `token_${state}`, { headers: { "WWW-Authenticate": "Bearer" } });
    },
  });
  const { run } = policy({ auth, authFailures, onEvent: silent }).prepare({ scopes: ["a"] }, ok);
  for (const headers of times(5, [
    {},
    { authorization: "Bearer expired" },
    { authorization: "Bearer not_yet_valid" },
    good,
    { authorization: "Basic x" },
  ]).flat()) {
    expect((await run(get("/", headers), at("192.0.2.1"))).status).not.toBe(429);
  }
});

test("20 in a minute are the default", async () => {
  const api = policy({ auth: bearer, onEvent: silent });
  const found = await codes(api, times(21, bad));
  expect(found.filter((code) => code === "invalid_token")).toHaveLength(20);
  expect(found.at(-1)).toBe("rate_limited");
});

test("the address comes back after its time", async () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  try {
    const api = policy({ auth: bearer, authFailures, onEvent: silent });
    expect(await codes(api, [...times(3, bad), good])).toContain("rate_limited");
    vi.advanceTimersByTime(20_000);
    expect(await codes(api, [good, bad, good])).toEqual(["200", "invalid_token", "rate_limited"]);
  } finally {
    vi.useRealTimers();
  }
});

test('"off" counts none', async () => {
  const api = policy({ auth: bearer, authFailures: "off", onEvent: silent });
  expect(await codes(api, times(30, bad))).toEqual(times(30, "invalid_token"));
});

test("an address that is not known is not counted, and a warning says so", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ auth: bearer, authFailures, onEvent });
  for (let count = 0; count < 6; count++) {
    await expectProblem(await api.run(get("/", bad), at(), ok), 401, "invalid_token");
  }
  const warnings = events.filter(({ type }) => type === "warning");
  expect(warnings).toMatchObject([{ code: "client_ip_unknown", message: expect.stringContaining("bad credential") }]);
});

test('with onUnknownAddress: "shared" all who are not known share one count', async () => {
  const api = policy({ auth: bearer, authFailures, clientIp: { onUnknownAddress: "shared" }, onEvent: silent });
  for (let count = 0; count < 3; count++) {
    await expectProblem(await api.run(get("/", bad), at(), ok), 401, "invalid_token");
  }
  await expectProblem(await api.run(get("/", bad), at(), ok), 429, "rate_limited");
});

describe('with onUnknownAddress: "refuse" who cannot be counted is refused', () => {
  const clientIp = { onUnknownAddress: "refuse" } as const;

  test.each([
    ["where bad credentials are all that is counted", {}],
    ["where a limit counts something else", { rateLimit: { limit: 9, windowSeconds: 60, by: () => "all" } as const }],
    ["where a limit by address only reports", { rateLimit: { limit: 9, windowSeconds: 60, mode: "report" } as const }],
  ])("%s", async (_, config) => {
    const { events, onEvent } = recorder();
    const api = policy({ auth: bearer, clientIp, onEvent, ...config });
    for (const headers of [good, bad, {}]) {
      await expectProblem(await api.run(get("/", headers), at(), ok), 403, "client_address_unknown");
    }
    const refused = { type: "refused", code: "client_address_unknown", status: 403 };
    expect(events.filter((event) => !("reported" in event))).toMatchObject([refused, refused, refused]);
    expect((await api.run(get("/", good), at("192.0.2.1"), ok)).status).toBe(200);
  });

  test("and nobody is where nothing is counted", async () => {
    const { run } = policy({ auth: bearer, clientIp, authFailures: "off", onEvent: silent });
    await expectProblem(await run(get("/", bad), at(), ok), 401, "invalid_token");
    const open = policy({ auth: bearer, clientIp, routes: { "/health": { auth: "none" } }, onEvent: silent });
    expect((await open.run(get("/health"), at(), ok)).status).toBe(200);
  });
});

test("routes with and without limits share one count", async () => {
  const api = policy({
    auth: bearer,
    authFailures,
    rateLimit: { limit: 1000, windowSeconds: 60 },
    routes: { "/free": { rateLimit: "none" } },
    onEvent: silent,
  });
  const statuses: number[] = [];
  for (const path of ["/", "/free", "/", "/free", "/"]) {
    statuses.push((await api.run(get(path, bad), at("192.0.2.1"), ok)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
});

test("a route without authentication is open to an address that guessed elsewhere", async () => {
  const api = policy({ auth: bearer, authFailures, routes: { "/health": { auth: "none" } }, onEvent: silent });
  await codes(api, times(4, bad));
  expect((await api.run(get("/health"), at("192.0.2.1"), ok)).status).toBe(200);
});

test("optional authentication counts too", async () => {
  const api = policy({ auth: optional(bearer), authFailures, onEvent: silent });
  await codes(api, times(3, bad));
  await expectProblem(await api.run(get(), at("192.0.2.1"), whoami), 429, "rate_limited");
});

test("a limited request takes nothing from the policy's other limits", async () => {
  const common = { store: memoryStore(), rateLimit: { limit: 10, windowSeconds: 60 }, onEvent: silent };
  const api = policy({ ...common, auth: bearer, authFailures: { limit: 1, windowSeconds: 60 } });
  expect(await codes(api, [bad, good, good, good])).toEqual(["invalid_token", ...times(3, "rate_limited")]);
  const sameBucket = await policy(common).run(get(), at("192.0.2.1"), ok);
  expect(sameBucket.headers.get("x-ratelimit-remaining")).toBe("8");
});

test("while the store is down, failures are counted in this process", async () => {
  const store: RateLimitStore = {
    ...memoryStore(),
    timeoutMs: 50,
    consume: () => Promise.reject(new Error("down")),
  };
  const api = policy({
    auth: bearer,
    authFailures,
    store,
    rateLimit: { limit: 1000, windowSeconds: 60 },
    onEvent: silent,
  });
  expect(await codes(api, times(4, bad))).toEqual([...times(3, "invalid_token"), "rate_limited"]);
});

describe("mistakes in authFailures", () => {
  test.each([
    [true, "authFailures", /^true must be "off" or an object of options$/],
    [{ limit: 0 }, "authFailures.limit", /from 1 to 1000000/],
    [{ windowSeconds: 0.5 }, "authFailures.windowSeconds", /from 1 to/],
    [{ window: 1 }, "authFailures.window", /unknown option/],
  ])("%j", (value, path, message) => {
    expectMistake({ auth: bearer, authFailures: value }, path, message);
  });

  test("without auth there is nothing to count", () => {
    expectMistake({ authFailures }, "authFailures", /needs a policy with auth/);
  });

  test("a limit cannot have its name", () => {
    const rateLimit = { name: "auth-failures", limit: 1, windowSeconds: 1 };
    expectMistake({ auth: bearer, rateLimit }, "rateLimit", /holds already/);
    expect(() => policy({ auth: bearer, rateLimit, authFailures: "off" })).not.toThrow();
  });

  test('with({ auth: "none" }) leaves them behind', () => {
    expect(() => policy({ auth: bearer, authFailures }).with({ auth: "none" })).not.toThrow();
  });
});
