import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Limit, memoryStore, type RateLimitAlgorithm, type Verdict } from "../../../src/index.ts";
import { options, timeoutMs } from "../../fuzz/support.ts";
import { consume, modelOf } from "./models.ts";
import { algorithms, anyLimits, Client, costOf, type Happening, histories, start } from "./support.ts";

const exactLimits: Readonly<Record<RateLimitAlgorithm, fc.Arbitrary<Limit>>> = {
  gcra: anyLimits("gcra"),
  "fixed-window": anyLimits("fixed-window"),
  "sliding-window": anyLimits("sliding-window"),
  "sliding-log": anyLimits("sliding-log", 40),
};

/** One client under one limit. */
type Subject = Pick<Client, "consume" | "refund">;

const subjects: Readonly<Record<string, (limit: Limit) => Subject>> = {
  "the reducer": (limit) => new Client(limit),
  "the memory store": memoryClient,
};

function memoryClient(limit: Limit): Subject {
  const store = memoryStore();
  return {
    consume(cost, nowMs) {
      const [verdict] = store.consume([{ identity: "c", limit, cost }], { nowMs }) as readonly Verdict[]; // memory is synchronous
      if (verdict === undefined) throw new Error("no verdict");
      return verdict;
    },
    refund: (cost, nowMs) => void store.refund?.([{ identity: "c", limit, cost }], { nowMs }),
  };
}

/** Follows a history with the client and with the model, and says how far; a sixth of it are refunds. */
function compare(client: Subject, limit: Limit, history: readonly Happening[]): number {
  const model = modelOf(limit);
  let nowMs = start;
  for (const [index, happening] of history.entries()) {
    nowMs += Math.floor((happening.afterShare * limit.windowMs) / 1000);
    const cost = costOf(happening, limit);
    if (happening.isRefund && index % 3 === 0) {
      client.refund(cost, nowMs);
      model.refund(cost, nowMs);
      continue;
    }
    const expected = consume(model, limit, cost, nowMs);
    const actual = client.consume(cost, nowMs);
    if (limit.algorithm === "gcra" && isFinerThanAClock(limit)) {
      // What differs by less than 0.01 ms is the same to a double: a number may be one off, and who has to wait less is
      // admitted, after which the two have counted differently.
      if (actual.allowed && expected.retryAfterMs === 1) return index;
      expect(actual.allowed).toBe(expected.allowed);
      expect(Math.abs(finite(actual.retryAfterMs) - finite(expected.retryAfterMs))).toBeLessThanOrEqual(1);
      expect(Math.abs(finite(actual.resetMs) - finite(expected.resetMs))).toBeLessThanOrEqual(1);
      expect(Math.abs(finite(actual.remaining) - finite(expected.remaining))).toBeLessThanOrEqual(1);
    } else {
      expect(actual).toEqual(expected);
    }
  }
  return history.length;
}

/** Whether some moment of this limit lies between two ms: then a double rounds it. */
function isFinerThanAClock({ limit, windowMs }: Limit): boolean {
  return windowMs % limit !== 0;
}

function finite(value: number | null): number {
  return value === null || value === Number.POSITIVE_INFINITY ? -1 : value;
}

describe.each(Object.entries(subjects))("%s", (name, clientOf) => {
  let operations = 0;

  test.each(algorithms)(
    "says of %s what the plain model says, under any settings and in any history",
    (algorithm) => {
      const property = fc.property(exactLimits[algorithm], histories, (limit, history) => {
        operations += compare(clientOf(limit), limit, history);
      });
      fc.assert(property, options);
    },
    timeoutMs * 4,
  );

  test("has compared many operations", () => {
    console.info(`${name}: ${operations} operations compared`);
    expect(operations).toBeGreaterThan(options.numRuns);
  });
});
