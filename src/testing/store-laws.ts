import type { RateLimitAlgorithm } from "../rate-limit/store.ts";
import { assert, assertEqual } from "./assert.ts";
import { limitOf, type StoreUnderTest } from "./store-under-test.ts";

/** What must hold of a store under one algorithm. */
export interface StoreLaw {
  readonly name: string;
  readonly run: (subject: StoreUnderTest, algorithm: RateLimitAlgorithm) => Promise<void>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How much is admitted. */
export const quotaLaws: readonly StoreLaw[] = [
  {
    name: "admits the quota, counts it down, and refuses what comes then",
    async run(subject, algorithm) {
      const identity = subject.identity();
      const limit = limitOf(algorithm, 5, hourMs);
      for (let left = 4; left >= 0; left--) {
        const verdict = await subject.consumeOne({ identity, limit, cost: 1 });
        assertEqual([verdict.allowed, verdict.retryAfterMs], [true, 0], `request ${5 - left} of 5`);
        subject.assertRemaining(verdict, left, `after request ${5 - left} of 5`);
      }
      const refused = await subject.consumeOne({ identity, limit, cost: 1 });
      assertEqual(refused.allowed, false, "request 6 of 5");
      subject.assertRemaining(refused, 0, "after a refusal");
      assert(refused.retryAfterMs > 0 && refused.retryAfterMs <= 2 * hourMs, `retryAfterMs: ${refused.retryAfterMs}`);
      if (refused.resetMs !== null) assertEqual(refused.resetMs, refused.retryAfterMs, "resetMs of a refusal");
    },
  },
  {
    name: "admits exactly the quota of many concurrent requests",
    async run(subject, algorithm) {
      if (!subject.store.capabilities.exact) return;
      const check = { identity: subject.identity(), limit: limitOf(algorithm, 20, dayMs), cost: 1 };
      const verdicts = await Promise.all(Array.from({ length: 100 }, () => subject.consumeOne(check)));
      assertEqual(verdicts.filter(({ allowed }) => allowed).length, 20, "admitted of 100 at a limit of 20");
    },
  },
  {
    name: "takes the cost of a request, nothing for 0, and never admits one above the quota",
    async run(subject, algorithm) {
      const identity = subject.identity();
      const limit = limitOf(algorithm, 10, hourMs);
      subject.assertRemaining(await subject.consumeOne({ identity, limit, cost: 3 }), 7, "after a cost of 3 of 10");
      const tooMuch = await subject.consumeOne({ identity, limit, cost: 11 });
      assertEqual([tooMuch.allowed, tooMuch.retryAfterMs], [false, Number.POSITIVE_INFINITY], "a cost of 11 of 10");
      subject.assertRemaining(await subject.consumeOne({ identity, limit, cost: 0 }), 7, "after a cost of 0");
      assertEqual(
        (await subject.consumeOne({ identity, limit, cost: 8 })).allowed,
        false,
        "a cost of 8 when 7 are left",
      );
      assertEqual(
        (await subject.consumeOne({ identity, limit, cost: 7 })).allowed,
        true,
        "a cost of 7 when 7 are left",
      );
      assertEqual(
        (await subject.consumeOne({ identity, limit, cost: 1 })).allowed,
        false,
        "a cost of 1 when 0 are left",
      );
      assertEqual(
        (await subject.consumeOne({ identity, limit, cost: 0 })).allowed,
        true,
        "a cost of 0 when 0 are left",
      );
    },
  },
  {
    name: "admits who waited retryAfterMs, however often it was refused meanwhile",
    async run(subject, algorithm) {
      const identity = subject.identity();
      const limit = limitOf(algorithm, 2, 1000);
      const { retryAfterMs } = await subject.exhaust(identity, limit);
      assert(retryAfterMs <= 2000, `retryAfterMs: ${retryAfterMs} at a window of 1,000`);
      for (let count = 0; count < 10; count++) {
        const again = await subject.consumeOne({ identity, limit, cost: 1 });
        assertEqual(again.allowed, false, "before retryAfterMs");
        if (subject.clock === "caller") assertEqual(again.retryAfterMs, retryAfterMs, "retryAfterMs after a refusal");
      }
      if (subject.clock === "caller") {
        await subject.wait(retryAfterMs - 2);
        assertEqual(
          (await subject.consumeOne({ identity, limit, cost: 1 })).allowed,
          false,
          "2 ms before retryAfterMs",
        );
        await subject.wait(2);
      } else {
        await subject.wait(retryAfterMs + 2); // timers may be early by the fraction of a ms
      }
      assertEqual((await subject.consumeOne({ identity, limit, cost: 1 })).allowed, true, "after retryAfterMs");
    },
  },
  {
    name: "limits in windows of 30 and of 366 days",
    async run(subject, algorithm) {
      for (const days of [30, 366]) {
        const identity = subject.identity();
        const limit = limitOf(algorithm, 2, days * dayMs);
        const { retryAfterMs } = await subject.exhaust(identity, limit);
        assert(retryAfterMs <= 2 * days * dayMs, `retryAfterMs: ${retryAfterMs} at ${days} days`);
        if (subject.clock === "server") continue;
        await subject.wait(retryAfterMs - 2);
        assertEqual((await subject.consumeOne({ identity, limit, cost: 1 })).allowed, false, `${days} days: early`);
        await subject.wait(2);
        assertEqual((await subject.consumeOne({ identity, limit, cost: 1 })).allowed, true, `${days} days: in time`);
      }
    },
  },
  {
    name: "frees nobody and breaks nothing when the clock goes back",
    async run(subject, algorithm) {
      if (subject.clock === "server") return;
      const identity = subject.identity();
      const limit = limitOf(algorithm, 2, 10_000);
      const { retryAfterMs } = await subject.exhaust(identity, limit);
      for (const backMs of [1, 5000, 25_000]) {
        await subject.wait(-backMs);
        assertEqual((await subject.consumeOne({ identity, limit, cost: 1 })).allowed, false, `${backMs} ms back`);
        await subject.wait(backMs);
      }
      await subject.wait(retryAfterMs);
      assertEqual((await subject.consumeOne({ identity, limit, cost: 1 })).allowed, true, "forward again");
    },
  },
];
