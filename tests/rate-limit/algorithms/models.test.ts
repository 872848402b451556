import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Limit, RateLimitAlgorithm } from "../../../src/index.ts";
import { options, timeoutMs } from "../../fuzz/support.ts";
import { consume, modelOf } from "./models.ts";
import { algorithms, anyLimits, Client, costOf, type Happening, histories, start } from "./support.ts";

const exactLimits: Readonly<Record<RateLimitAlgorithm, fc.Arbitrary<Limit>>> = {
  gcra: anyLimits("gcra"),
  "fixed-window": anyLimits("fixed-window"),
  "sliding-window": anyLimits("sliding-window"),
  "sliding-log": anyLimits("sliding-log", 40),
};

let operations = 0;

/** Follows a history with the reducers and with the model; a sixth of it are refunds. */
function compare(limit: Limit, history: readonly Happening[]): void {
  const client = new Client(limit);
  const model = modelOf(limit);
  let nowMs = start;
  for (const [index, happening] of history.entries()) {
    operations++;
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
      if (actual.allowed && expected.retryAfterMs === 1) return;
      expect(actual.allowed).toBe(expected.allowed);
      expect(Math.abs(finite(actual.retryAfterMs) - finite(expected.retryAfterMs))).toBeLessThanOrEqual(1);
      expect(Math.abs(finite(actual.resetMs) - finite(expected.resetMs))).toBeLessThanOrEqual(1);
      expect(Math.abs(finite(actual.remaining) - finite(expected.remaining))).toBeLessThanOrEqual(1);
    } else {
      expect(actual).toEqual(expected);
    }
  }
}

/** Whether some moment of this limit lies between two ms: then a double rounds it. */
function isFinerThanAClock({ limit, windowMs }: Limit): boolean {
  return windowMs % limit !== 0;
}

function finite(value: number | null): number {
  return value === null || value === Number.POSITIVE_INFINITY ? -1 : value;
}

describe.each(algorithms)("%s", (algorithm) => {
  test(
    "says what the plain model says, under any settings and in any history",
    () => {
      fc.assert(fc.property(exactLimits[algorithm], histories, compare), options);
    },
    timeoutMs * 4,
  );
});

test("has compared many operations", () => {
  console.info(`algorithms: ${operations} operations compared`);
  expect(operations).toBeGreaterThan(options.numRuns);
});
