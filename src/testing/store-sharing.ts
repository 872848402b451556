import type { LimitCheck, RateLimitStore } from "../rate-limit/store.ts";
import { assertEqual } from "./assert.ts";
import type { StoreLaw } from "./store-laws.ts";
import { limitOf, type StoreUnderTest } from "./store-under-test.ts";

const dayMs = 86_400_000;

/** What holds of two stores that share what they count, as two processes do. */
export const sharingLaws: readonly StoreLaw[] = [
  {
    name: "admits exactly the quota of many concurrent requests over two stores that share it",
    async run(subject, algorithm) {
      const { atomic, exact } = subject.store.capabilities;
      if (!exact) return;
      const other = await subject.another();
      const probe = { identity: subject.identity(), limit: limitOf(algorithm, 1, dayMs), cost: 1 };
      await subject.consumeOne(probe);
      if (await admits(subject, other, [probe])) return; // each counts for itself
      const identity = subject.identity();
      const tight = { identity, limit: limitOf(algorithm, 20, dayMs), cost: 1 };
      const wide = { identity, limit: limitOf(algorithm, 30, dayMs), cost: 1 };
      const checks = atomic ? [wide, tight] : [tight];
      const stores = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? subject.store : other));
      const admitted = await Promise.all(stores.map((store) => admits(subject, store, checks)));
      assertEqual(admitted.filter(Boolean).length, 20, "admitted of 100 at a limit of 20");
      if (!atomic) return;
      const rest = [await admits(subject, other, [{ ...wide, cost: 10 }]), await admits(subject, other, [wide])];
      assertEqual(rest, [true, false], "what the refused have left of a limit of 30: 10, and nothing after them");
    },
  },
];

async function admits(
  { nowMs }: StoreUnderTest,
  store: RateLimitStore,
  checks: readonly LimitCheck[],
): Promise<boolean> {
  const verdicts = await store.consume(checks, { nowMs });
  return verdicts.every(({ allowed }) => allowed);
}
