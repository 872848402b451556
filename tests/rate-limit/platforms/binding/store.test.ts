import { describe, expect, test } from "vitest";
import { type Limit, type LimitCheck, policy, type Verdict } from "../../../../src/index.ts";
import { bindingStore, type RateLimitBinding } from "../../../../src/rate-limit/stores/binding.ts";
import { expectMistake, expectProblem, get, issuesFrom, mistakesIn, ok, silent } from "../../../lib/harness.ts";
import { limitOf } from "../../algorithms/support.ts";

const ten: Limit = { ...limitOf("fixed-window", 10, 60_000), name: "ten" };

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
