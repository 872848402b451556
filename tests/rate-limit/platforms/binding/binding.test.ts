import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Limit, LimitCheck, Verdict } from "../../../../src/index.ts";
import { expectProblem } from "../../../lib/harness.ts";
import { limitOf } from "../../algorithms/support.ts";
import { type RunningWorker, startWorker } from "../workerd.ts";

let worker: RunningWorker;

beforeAll(async () => {
  worker = await startWorker("binding/worker.ts", {
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
    worker.send(path, { headers: { "x-test-address": address } });

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
