import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/config-error.ts";
import { fromScript } from "../../../src/rate-limit/from-script.ts";
import type { LimitScript } from "../../../src/rate-limit/script/script.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { upstashStore } from "../../../src/stores/upstash.ts";
import { limitOf } from "./limits.ts";

const send = async (): Promise<unknown> => [1, 99, 0, 36_000];
const client = { evalsha: send, eval: send };

function issuesOf(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  throw new Error("no ConfigError");
}

describe.each([
  ["redisStore", (options: object) => redisStore(client, options)],
  ["upstashStore", (options: object) => upstashStore(client, options)],
  ["fromScript", (options: object) => fromScript({ name: "mine", run: send, ...options })],
])("%s", (name, make) => {
  it("refuses prefixes with braces, timeouts out of bounds and unknown options, all at once", () => {
    const issues = issuesOf(() => make({ prefix: "{x}", timeoutMs: 0, ttl: 1 }));
    expect(issues).toHaveLength(3);
    expect(issues[0]).toContain(`${name}.prefix: "{x}" must be 1 to 64 characters without braces`);
    expect(issues[1]).toContain(`${name}.timeoutMs: 0 must be a whole number of milliseconds from 1 to 60000`);
    expect(issues[2]).toContain(`${name}.ttl: unknown option`);
  });

  it("takes a timeout and a prefix", () => {
    expect(make({ timeoutMs: 1000, prefix: "shop:limits" }).timeoutMs).toBe(1000);
  });
});

describe("a client that is none", () => {
  it.each([[undefined], [null], [{}], [{ evalsha: send }], ["redis://localhost"]])(
    "is refused at once: %j",
    (wrong) => {
      const noClient = wrong as typeof client; // what plain JavaScript may pass
      expect(issuesOf(() => redisStore(noClient))[0]).toMatch(/^redisStore: the client has no evalSha and eval/);
      expect(issuesOf(() => upstashStore(noClient))[0]).toMatch(/^upstashStore: the client has no evalsha and eval/);
    },
  );
});

describe("fromScript", () => {
  it.each([
    [{ name: "mine" }, "fromScript.run: is missing"],
    [{ name: "mine", run: 1 }, "fromScript.run: 1 must be a function"],
    [{ name: "", run: send }, 'fromScript.name: "" must be a name'],
    [{ run: send }, "fromScript.name: undefined must be a name"],
    [{ name: "mine", run: send, isCluster: "yes" }, 'fromScript.isCluster: "yes" must be true or false'],
    [{ name: "mine", run: send, prefix: "" }, 'fromScript.prefix: "" must be 1 to 64 characters'],
  ])("tells of one mistake once: %j", (options, issue) => {
    const wrong = options as Parameters<typeof fromScript>[0]; // what plain JavaScript may pass
    expect(issuesOf(() => fromScript(wrong))).toEqual([expect.stringContaining(issue)]);
  });

  it("gives your function the script, keys under the prefix, and the signal", async () => {
    const calls: [LimitScript, readonly string[], AbortSignal | undefined][] = [];
    const store = fromScript({
      name: "mine",
      prefix: "app",
      run: async (script, keys, _args, signal) => {
        calls.push([script, keys, signal]);
        return send();
      },
    });
    const { signal } = new AbortController();
    await store.consume([{ identity: "abc", limit: limitOf("gcra"), cost: 1 }], { nowMs: 0, signal });
    const [[script, keys, given] = []] = calls;
    expect(script?.sha1).toMatch(/^[0-9a-f]{40}$/);
    expect(keys).toEqual([expect.stringMatching(/^app:\{3:abc\}:test:gcra:100\//)]);
    expect(given).toBe(signal);
  });

  it.each([
    ["nothing", undefined],
    ["the text of an abort", "Aborted"],
    ["no list", { 0: 1 }],
    ["a short list", [1, 2, 3]],
    ["a long list", [1, 2, 0, 3, 1]],
    ["a fraction", [1, 2.5, 0, 3]],
    ["words", ["yes", 2, 0, 3]],
    ["no verdict", [2, 2, 0, 3]],
    ["a negative rest", [1, -1, 0, 3]],
    ["null", [null, null, null, null]],
  ])("takes %s for no decision", async (_kind, reply) => {
    const store = fromScript({ name: "mine", run: async () => reply });
    const decision = store.consume([{ identity: "abc", limit: limitOf("gcra"), cost: 1 }], { nowMs: 0 });
    await expect(decision).rejects.toThrow("the rate limit script gave an unexpected reply");
  });

  it("reads integers that a client gives as strings", async () => {
    const store = fromScript({ name: "mine", run: async () => ["1", "99", "0", "36000"] });
    expect(await store.consume([{ identity: "abc", limit: limitOf("gcra"), cost: 1 }], { nowMs: 0 })).toEqual([
      { allowed: true, remaining: 99, retryAfterMs: 0, resetMs: 36_000 },
    ]);
  });
});
