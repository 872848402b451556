import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Limit, type LimitCheck, policy, type Verdict } from "../../../src/index.ts";
import { bindingStore, type RateLimitBinding } from "../../../src/rate-limit/stores/binding.ts";
import { expectMistake, expectProblem, get, issuesFrom, mistakesIn, ok, silent } from "../../lib/harness.ts";
import { limitOf } from "../algorithms/support.ts";
import { type RunningWorker, startWorker } from "./workerd.ts";

let worker: RunningWorker;

beforeAll(async () => {
  worker = await startWorker("binding-worker.ts", {
    ratelimits: {
      TEN: { namespace_id: "1001", simple: { limit: 10, period: 60 } },
      THREE: { namespace_id: "1002", simple: { limit: 3, period: 10 } },
    },
  });
});
afterAll(() => worker?.stop());

/** The windows of the binding begin at multiples of them: a test must not lie over such a time. */
async function awayFromTheEnd(windowMs: number, neededMs = 3000): Promise<void> {
  const leftMs = windowMs - (Date.now() % windowMs);
  if (leftMs < neededMs) await new Promise((resolve) => setTimeout(resolve, leftMs + 10));
}

const ten: Limit = { ...limitOf("fixed-window", 10, 60_000), name: "ten" };
const three: Limit = { ...limitOf("fixed-window", 3, 10_000), name: "three" };

async function consume(...decisions: readonly (readonly LimitCheck[])[]): Promise<readonly (readonly Verdict[])[]> {
  return (await worker.ask("/consume", decisions)) as readonly (readonly Verdict[])[]; // as the worker answers
}

const admitted: Verdict = { allowed: true, remaining: null, retryAfterMs: 0, resetMs: null };
const refusedFor = (retryAfterMs: number): Verdict => ({
  allowed: false,
  remaining: null,
  retryAfterMs,
  resetMs: null,
});

describe("the binding of workerd", () => {
  const send = (path: string, address: string): Promise<Response> =>
    fetch(new URL(path, worker.url), { headers: { "x-test-address": address } });

  test("admits what is configured for it, and a policy tells the policy alone: no numbers are invented", async () => {
    await awayFromTheEnd(60_000);
    const responses = await Promise.all(Array.from({ length: 30 }, () => send("/one", "192.0.2.7")));
    const admittedOnes = responses.filter(({ status }) => status === 200);
    expect(admittedOnes).toHaveLength(10);
    for (const { headers } of admittedOnes) {
      expect(headers.get("ratelimit-policy")).toBe('"ten";q=10;w=60');
      for (const name of ["ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit"])
        expect(headers.has(name)).toBe(false);
    }
    const refused = responses.find(({ status }) => status !== 200);
    expect(refused?.headers.get("retry-after")).toBe("60");
    expect(refused?.headers.get("ratelimit-policy")).toBe('"ten";q=10;w=60');
    await expectProblem(refused ?? Response.error(), 429, "rate_limited");
    expect((await send("/one", "192.0.2.8")).status).toBe(200);
  });

  test("counts each limit with the binding of its name", async () => {
    await awayFromTheEnd(60_000);
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await send("/two", "192.0.2.9")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await send("/two", "192.0.2.10")).headers.get("ratelimit-policy")).toBe(
      '"ten";q=10;w=60, "three";q=3;w=10',
    );
  });

  test("takes a call for each unit of the cost, none for 0, and none for what it can never grant", async () => {
    await awayFromTheEnd(10_000);
    const check = { identity: "cost", limit: three, cost: 1 };
    expect(
      await consume(
        [{ ...check, cost: 0 }],
        [{ ...check, cost: 4 }],
        [{ ...check, cost: 2 }],
        [check],
        [{ ...check, cost: 0 }],
        [check],
      ),
    ).toEqual([
      [admitted],
      [{ ...refusedFor(0), retryAfterMs: null }], // Infinity, in JSON
      [admitted],
      [admitted],
      [admitted],
      [refusedFor(10_000)],
    ]);
  });

  test("is not asked for a peek, nor after a refusal", async () => {
    await awayFromTheEnd(60_000);
    const check = (identity: string, limit = three): LimitCheck => ({ identity, limit, cost: 1 });
    await consume([{ ...check("spent"), cost: 3 }]);
    expect(await consume([{ ...check("spent"), peek: true }])).toEqual([[admitted]]);
    const decisions = Array.from({ length: 11 }, () => [check("spent"), check("after", ten)]);
    expect(new Set((await consume(...decisions)).map((verdicts) => JSON.stringify(verdicts)))).toEqual(
      new Set([JSON.stringify([refusedFor(10_000), admitted])]),
    );
    expect(await consume([{ ...check("after", ten), cost: 10 }])).toEqual([[admitted]]);
  });

  test("keeps what an earlier limit took when a later one refuses, as nothing can be given back", async () => {
    await awayFromTheEnd(60_000);
    const first: LimitCheck = { identity: "earlier", limit: ten, cost: 1 };
    const spent: LimitCheck = { identity: "later", limit: three, cost: 1 };
    await consume([{ ...spent, cost: 3 }]);
    expect(await consume([first, spent])).toEqual([[admitted, refusedFor(10_000)]]);
    expect(await consume([{ ...first, cost: 9 }], [first])).toEqual([[admitted], [refusedFor(60_000)]]);
  });
});

describe("a limit that a binding cannot count", () => {
  const binding: RateLimitBinding = { limit: () => Promise.reject(new Error("must not be called")) };
  const limit = { limit: 10, windowSeconds: 60, algorithm: "fixed-window" } as const;

  test.each([1, 9, 11, 59, 61, 3600])("is refused by a window of %d seconds", (windowSeconds) => {
    expectMistake(
      { store: bindingStore(binding), rateLimit: { ...limit, windowSeconds } },
      "rateLimit",
      /^the store "binding" has windows of 10 or 60 seconds only/,
    );
  });

  test.each([10, 60])("has no window of %d seconds", (windowSeconds) => {
    expect(mistakesIn({ store: bindingStore(binding), rateLimit: { ...limit, windowSeconds } })).toEqual([]);
  });

  test("is refused by its algorithm, which is not the default one", () => {
    const config = { store: bindingStore(binding), rateLimit: { limit: 10, windowSeconds: 60 } };
    expectMistake(
      config,
      "rateLimit.algorithm",
      /^"gcra" is not counted by the store "binding": write one of "fixed-window"$/,
    );
  });

  test("is refused where another quota is counted with the same binding", () => {
    const store = bindingStore(binding);
    const rateLimit = [
      { ...limit, name: "ip" },
      { ...limit, name: "other", limit: 5 },
      { ...limit, name: "third", windowSeconds: 10 },
    ];
    expect(mistakesIn({ store, rateLimit })).toEqual([
      expect.stringMatching(
        /^rateLimit\[1\]: the store "binding" counts 5 in 60 seconds and 10 in 60 seconds with one/,
      ),
      expect.stringMatching(
        /^rateLimit\[2\]: the store "binding" counts 10 in 10 seconds and 10 in 60 seconds with one/,
      ),
    ]);
    expect(
      mistakesIn({
        store,
        rateLimit: [
          { ...limit, name: "ip" },
          { ...limit, name: "path" },
        ],
      }),
    ).toEqual([]);
  });

  test("is refused where there is none of its name, in routes and requirements too", () => {
    const store = bindingStore({ ip: binding });
    expectMistake({ store, rateLimit: { ...limit, name: "user" } }, "rateLimit", /no binding for "user": pass one/);
    expectMistake({ store, routes: { "/a": { rateLimit: limit } } }, 'routes["/a"].rateLimit', /no binding for "\/a"/);
    const api = policy({ store, rateLimit: { ...limit, name: "ip" } });
    expect(issuesFrom(() => api({ rateLimit: { ...limit, name: "heavy" } }, ok))).toEqual([
      { path: "requirements.rateLimit", message: expect.stringMatching(/no binding for "heavy"/) },
    ]);
  });

  test("is told of its other mistakes first", () => {
    const config = { store: bindingStore(binding), rateLimit: { ...limit, windowSeconds: 0 } };
    expectMistake(config, "rateLimit.windowSeconds", /0 must be a whole number/);
  });
});

describe("bindingStore", () => {
  const check: LimitCheck = { identity: "a", limit: ten, cost: 2 };
  const consumeWith = async (limit: RateLimitBinding["limit"], signal?: AbortSignal): Promise<readonly Verdict[]> =>
    bindingStore({ ten: { limit } }).consume([check], { nowMs: 0, ...(signal !== undefined && { signal }) });

  test("fails where the binding fails, or tells no success", async () => {
    await expect(consumeWith(() => Promise.reject(new Error("down")))).rejects.toThrow("down");
    await expect(consumeWith(async () => ({}) as { success: boolean })).rejects.toThrow("told no success"); // what it must not
  });

  test("takes no more for a caller that has gone", async () => {
    const gone = new AbortController();
    let calls = 0;
    const answer = consumeWith(async () => {
      calls++;
      gone.abort(new Error("gone"));
      return { success: true };
    }, gone.signal);
    await expect(answer).rejects.toThrow("gone");
    expect(calls).toBe(1);
  });

  test("lets a policy answer within its deadline when the binding never does", async () => {
    const api = policy({
      store: bindingStore({ limit: () => new Promise(() => {}) }, { timeoutMs: 50 }),
      rateLimit: { limit: 10, windowSeconds: 60, algorithm: "fixed-window", onUnavailable: "closed" },
      onEvent: silent,
    });
    await expectProblem(await api.run(get(), { clientIp: "192.0.2.1" }, ok), 503, "limiter_unavailable");
  });

  test.each([[undefined], [null], [{}], ["LIMITER"], [() => {}]])("refuses what is no binding: %j", (wrong) => {
    const issues = issuesFrom(() => bindingStore(wrong as unknown as RateLimitBinding)); // what plain JavaScript may pass
    expect(issues).toEqual([{ path: "bindingStore", message: expect.stringMatching(/^there is no function limit/) }]);
  });

  test("names the binding that is none", () => {
    const bindings = { ip: { limit: async () => ({ success: true }) }, user: undefined } as unknown as RateLimitBinding; // as above
    expect(issuesFrom(() => bindingStore(bindings))).toEqual([
      { path: "bindingStore.user", message: "undefined is no rate limiting binding" },
    ]);
  });

  test("takes a binding under the name of a limit, also where that is limit", () => {
    const binding: RateLimitBinding = { limit: async () => ({ success: true }) };
    const store = bindingStore({ limit: binding });
    expect(store.objectionTo?.({ ...ten, name: "limit" })).toBeUndefined();
    expect(store.objectionTo?.({ ...ten, name: "ten" })).toMatch(/no binding/);
  });

  test("refuses options that cannot work, and says what it can", () => {
    const binding: RateLimitBinding = { limit: async () => ({ success: true }) };
    const options = { prefix: "", timeoutMs: 1.5, period: 60 };
    expect(issuesFrom(() => bindingStore(binding, options)).map(({ path }) => path)).toEqual(
      ["prefix", "timeoutMs", "period"].map((key) => `bindingStore.${key}`),
    );
    expect(bindingStore(binding).capabilities).toEqual({
      algorithms: ["fixed-window"],
      exact: false,
      atomic: false,
      remaining: false,
    });
    expect(bindingStore(binding)).not.toHaveProperty("refund");
  });
});
