import { describe, expect, test } from "vitest";
import { policy } from "../../../../src/index.ts";
import { durableObjectStore } from "../../../../src/rate-limit/stores/durable-object.ts";
import { expectProblem, get, issuesFrom, ok } from "../../../lib/harness.ts";
import { limitOf } from "../../algorithms/support.ts";
import { runObjects } from "./objects.ts";

const hourMs = 3_600_000;

const { worker, consume, consumeOne } = runObjects();

describe("a policy over it", () => {
  const send = (query: string, address = "192.0.2.1"): Promise<Response> =>
    worker().send(`/api?${query}`, { headers: { "x-test-address": address } });

  test("admits exactly the limit of 500 concurrent requests over HTTP", async () => {
    const responses = await Promise.all(Array.from({ length: 500 }, () => send("", "192.0.2.50")));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    expect(statuses.filter((status) => status === 429)).toHaveLength(450);
    expect((await send("", "192.0.2.51")).headers.get("ratelimit")).toBe('"closed";r=49;t=72');
  });

  test.each([
    ["throws", "BROKEN"],
    ["does not answer in time", "SILENT"],
    ["is of another class", "FOREIGN"],
    ["answers with an error", "REFUSING"],
  ])("has no store while the object %s", async (_what, object) => {
    const startMs = performance.now();
    await expectProblem(await send(`object=${object}&onUnavailable=closed`), 503, "limiter_unavailable");
    const open = await send(`object=${object}&onUnavailable=open`);
    expect([open.status, open.headers.get("ratelimit-policy"), open.headers.get("ratelimit")]).toEqual([
      200,
      '"open";q=50;w=3600',
      null,
    ]);
    const local = await send(`object=${object}&onUnavailable=local`);
    expect([local.status, local.headers.get("ratelimit")]).toEqual([200, '"local";r=49;t=72']);
    expect(performance.now() - startMs).toBeLessThan(3000);
  });
});

describe("durableObjectStore", () => {
  const check = { identity: "failing", limit: limitOf("gcra", 10, hourMs), cost: 1 };

  test.each([
    ["throws", "BROKEN", /out of order/],
    ["is of another class", "FOREIGN", /gave no verdicts: is its class RateLimiter\?/],
    ["answers with an error", "REFUSING", /answered with status 503/],
  ])("fails when the object %s", async (_what, object, message) => {
    await expect(consume([check], { object })).rejects.toThrow(message);
    await expect(consume([check, { ...check, identity: "other" }], { object })).rejects.toThrow(message);
  });

  test("ends the subrequest when the caller goes", async () => {
    const startMs = performance.now();
    await expect(worker().ask("/consume", { checks: [check], object: "SILENT", abortAfterMs: 50 })).rejects.toThrow(
      /time/i,
    );
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  test("asks nobody when there is nothing to decide", async () => {
    expect(await consume([])).toEqual({ calls: 0, verdicts: [[]] });
  });

  test("keeps apart identities that UTF-8 cannot carry", async () => {
    const limit = limitOf("fixed-window", 1, hourMs);
    for (const identity of ["\ud800", "\udbff", "\udc00", "\ufffd"])
      expect(await consumeOne({ identity, limit, cost: 1 })).toMatchObject({ allowed: true });
  });

  const namespace = {
    idFromName: (name: string): string => name,
    get: (): never => {
      throw new Error("must not be called");
    },
  };

  test("tells an object who it is by its name, and of a policy's limits what counts, nothing else", async () => {
    const told: string[] = [];
    const store = durableObjectStore({
      idFromName: (name) => void told.push(name),
      get: () => ({
        fetch: async (_url, { body }) => {
          told.push(body);
          return Response.json([{ allowed: true, remaining: 9, retryAfterMs: 0, resetMs: 1 }]);
        },
      }),
    });
    const rateLimit = { limit: 10, windowSeconds: 60, by: () => "somebody", cost: () => 2 };
    await policy({ store, rateLimit }).run(get(), {}, ok);
    const limit = { id: "default:gcra:10/60", name: "default", algorithm: "gcra", limit: 10 };
    const check = { identity: "", limit: { ...limit, windowMs: 60_000, burst: 10, isAligned: false }, cost: 2 };
    expect(told).toEqual(['mantlet:"key:somebody"', JSON.stringify({ mode: "consume", checks: [check] })]);
  });

  test.each([[undefined], [null], [{}], ["LIMITER"], [{ get: namespace.get }]])(
    "refuses what is no namespace: %j",
    (wrong) => {
      const issues = issuesFrom(() => durableObjectStore(wrong as typeof namespace)); // what plain JavaScript may pass
      expect(issues).toEqual([
        { path: "durableObjectStore", message: expect.stringMatching(/^the namespace has no idFromName/) },
      ]);
    },
  );

  test("refuses options that cannot work, all at once", () => {
    const options = { prefix: "{x}", timeoutMs: 0, location: "eu" };
    expect(issuesFrom(() => durableObjectStore(namespace, options)).map(({ path }) => path)).toEqual(
      ["prefix", "timeoutMs", "location"].map((key) => `durableObjectStore.${key}`),
    );
  });

  test("does nothing before the first decision, and says what it can", () => {
    expect(durableObjectStore(namespace, { prefix: "shop", timeoutMs: 100 })).toMatchObject({
      timeoutMs: 100,
      capabilities: { exact: true, atomic: false, remaining: true },
    });
    expect(durableObjectStore(namespace).timeoutMs).toBe(250);
  });
});
