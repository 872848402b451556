import type { RateLimitStore } from "../rate-limit/store.ts";
import { assert, assertEqual } from "./assert.ts";
import { limitOf, type StoreUnderTest } from "./store-under-test.ts";

/** What must hold of the settings that only one algorithm has. */
export const settingLaws: readonly {
  readonly name: string;
  readonly run: (subject: StoreUnderTest) => Promise<void>;
}[] = [
  {
    name: "gcra: admits the burst at once, and refills by the limit",
    async run(subject) {
      if (!has(subject.store, "gcra")) return;
      const identity = subject.identity();
      const limit = limitOf("gcra", 10, 10_000, { burst: 3 });
      const { retryAfterMs } = await subject.exhaust(identity, limit);
      assert(retryAfterMs > 0 && retryAfterMs <= 1000, `retryAfterMs: ${retryAfterMs} where one refills in 1,000`);
    },
  },
  {
    name: "fixed-window: an aligned window ends at a multiple of its length",
    async run(subject) {
      if (!has(subject.store, "fixed-window") || subject.clock === "server") return;
      const limit = limitOf("fixed-window", 2, 60_000, { isAligned: true });
      await subject.wait(60_000 - (subject.nowMs % 60_000) + 45_000);
      const identity = subject.identity();
      assertEqual((await subject.exhaust(identity, limit)).retryAfterMs, 15_000, "retryAfterMs at 0:45 of a minute");
      await subject.wait(15_000);
      await subject.exhaust(identity, limit);
    },
  },
  {
    name: "fixed-window: one that is not aligned begins with the first request",
    async run(subject) {
      if (!has(subject.store, "fixed-window") || subject.clock === "server") return;
      const limit = limitOf("fixed-window", 2, 60_000);
      const identity = subject.identity();
      await subject.consumeOne({ identity, limit, cost: 1 });
      await subject.wait(20_000);
      await subject.consumeOne({ identity, limit, cost: 1 });
      const refused = await subject.consumeOne({ identity, limit, cost: 1 });
      assertEqual(refused.retryAfterMs, 40_000, "retryAfterMs 20 s after the first request");
    },
  },
];

function has({ capabilities }: RateLimitStore, algorithm: "gcra" | "fixed-window"): boolean {
  return capabilities.algorithms.includes(algorithm);
}
