import { beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore, policy, type RateLimitOptions, type RateLimitStore } from "../../../src/index.ts";
import { recorder } from "../../lib/harness.ts";
import { recordingStore, statuses } from "../limits/support.ts";

const variables = [
  ["VERCEL", "Vercel"],
  ["AWS_LAMBDA_FUNCTION_NAME", "AWS Lambda"],
  ["DENO_DEPLOYMENT_ID", "Deno Deploy"],
  ["K_SERVICE", "Google Cloud Run"],
  ["FUNCTIONS_WORKER_RUNTIME", "Azure Functions"],
] as const;

beforeEach(() => {
  // Whatever runs these tests may be such a platform.
  for (const [name] of variables) vi.stubEnv(name, undefined);
  return () => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  };
});

const down: RateLimitStore = { ...recordingStore(250), consume: () => Promise.reject(new Error("down")) };

/** The warnings of five requests. */
async function warningsOf(store: RateLimitStore, settings: Partial<RateLimitOptions> = {}): Promise<readonly string[]> {
  const { events, onEvent } = recorder();
  await statuses(policy({ store, rateLimit: { limit: 9, windowSeconds: 60, ...settings }, onEvent }), 5);
  return events.flatMap((event) => (event.type === "warning" ? [`${event.code}: ${event.message}`] : []));
}

test.each(variables)("%s tells of %s, and the memory store warns once", async (name, platform) => {
  vi.stubEnv(name, "notes");
  expect(await warningsOf(memoryStore())).toEqual([
    `counted_per_isolate: limits are counted in the memory of one instance, and ${platform} runs many, which together let through more: give the policy a store that they share, such as upstashStore()`,
  ]);
});

test("the Lambda function on which Netlify and Vercel build is called by their names", async () => {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "notes");
  vi.stubGlobal("Netlify", { env: {} });
  expect(await warningsOf(memoryStore())).toEqual([expect.stringContaining("Netlify runs many")]);
  vi.unstubAllGlobals();
  vi.stubEnv("VERCEL", "1");
  expect(await warningsOf(memoryStore())).toEqual([expect.stringContaining("Vercel runs many")]);
});

test("elsewhere nothing warns", async () => {
  expect([await warningsOf(memoryStore()), await warningsOf(down)]).toEqual([[], []]);
});

describe("on such a platform", () => {
  beforeEach(() => {
    vi.stubEnv("K_SERVICE", "notes");
  });

  test("policies that share a store warn once, and each other store once more", async () => {
    const store = memoryStore();
    const counts = [await warningsOf(store), await warningsOf(store), await warningsOf(memoryStore())];
    expect(counts.map(({ length }) => length)).toEqual([1, 0, 1]);
  });

  test("limits in report mode warn, too", async () => {
    expect(await warningsOf(memoryStore(), { mode: "report" })).toHaveLength(1);
  });

  test("a store that counts elsewhere does not warn while it answers", async () => {
    expect(await warningsOf(recordingStore(250))).toEqual([]);
  });

  test("what stands in for it warns once while it is down, with other advice", async () => {
    expect(await warningsOf({ ...down })).toEqual([expect.stringMatching(/^counted_per_isolate: .* localShare is/)]);
  });

  test.each(["open", "closed"] as const)("nothing warns where nothing is counted: %s", async (onUnavailable) => {
    expect(await warningsOf({ ...down }, { onUnavailable })).toEqual([]);
  });

  test("a policy without limits, and the construction of one with them, do not warn", async () => {
    const { events, onEvent } = recorder();
    policy({ rateLimit: { limit: 9, windowSeconds: 60 }, onEvent });
    await statuses(policy({ onEvent }), 1);
    expect(events).toEqual([]);
  });

  test("the console gets it once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await statuses(policy({ rateLimit: { limit: 9, windowSeconds: 60 } }), 3);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^mantlet: limits are counted in the memory/)]]);
    warn.mockRestore();
  });
});
