import type { Limit, RateLimitAlgorithm } from "../rate-limit/store.ts";
import { assert, assertEqual } from "./assert.ts";
import type { StoreLaw } from "./store-laws.ts";
import { limitOf } from "./store-under-test.ts";

const hourMs = 3_600_000;

/** What a decision leaves alone. */
export const purityLaws: readonly StoreLaw[] = [
  {
    name: "consumes all checks of a decision or none",
    async run(subject, algorithm) {
      const [full, tight] = limits(algorithm);
      const [spent, fresh] = [subject.identity(), subject.identity()];
      await subject.exhaust(spent, tight);
      for (const identity of [spent, fresh]) {
        const verdicts = await subject.consume(
          { identity, limit: full, cost: 1 },
          { identity: spent, limit: tight, cost: 1 },
        );
        assertEqual(
          verdicts.map(({ allowed }) => allowed),
          [true, false],
          "a check with room, and one without",
        );
        const left = await subject.consumeOne({ identity, limit: full, cost: 10 });
        assertEqual(left.allowed, true, "the whole quota of the check that had room");
      }
    },
  },
  {
    name: "gives the verdicts in the order of the checks",
    async run(subject, algorithm) {
      const [full, tight] = limits(algorithm);
      const identity = subject.identity();
      const [first, second] = await subject.consume(
        { identity, limit: tight, cost: 1 },
        { identity, limit: full, cost: 4 },
      );
      if (first !== undefined) subject.assertRemaining(first, 1, "the first of two");
      if (second !== undefined) subject.assertRemaining(second, 6, "the second of two");
    },
  },
  {
    name: "counts twice where a decision asks the same bucket twice",
    async run(subject, algorithm) {
      const check = { identity: subject.identity(), limit: limitOf(algorithm, 3, hourMs), cost: 2 };
      const verdicts = await subject.consume(check, check);
      assert(!verdicts.every(({ allowed }) => allowed), "twice 2 of 3 is refused");
      assertEqual((await subject.consumeOne({ ...check, cost: 3 })).allowed, true, "and has consumed nothing");
    },
  },
  {
    name: "takes nothing when it peeks",
    async run(subject, algorithm) {
      const [full, tight] = limits(algorithm);
      const identity = subject.identity();
      for (let count = 0; count < 5; count++) {
        const peeked = await subject.consumeOne({ identity, limit: full, cost: 1, peek: true });
        assertEqual(peeked.allowed, true, "a peek with room");
        subject.assertRemaining(peeked, 10, "a peek");
      }
      await subject.exhaust(identity, tight);
      const peek = { identity, limit: tight, cost: 1, peek: true };
      const verdicts = await subject.consume({ identity, limit: full, cost: 1 }, peek);
      assertEqual(
        verdicts.map(({ allowed }) => allowed),
        [true, false],
        "a check beside a peek that is refused",
      );
      assertEqual(
        (await subject.consumeOne({ identity, limit: full, cost: 10 })).allowed,
        true,
        "nothing was consumed",
      );
    },
  },
  {
    name: "gives back what it is told to, and never more than was taken",
    async run(subject, algorithm) {
      if (subject.store.refund === undefined) return;
      const identity = subject.identity();
      const limit = limitOf(algorithm, 5, hourMs);
      await subject.refund({ identity, limit, cost: 3 });
      await subject.exhaust(identity, limit);
      await subject.refund({ identity, limit, cost: 3 });
      subject.assertRemaining(await subject.consumeOne({ identity, limit, cost: 0 }), 3, "after a refund of 3");
      await subject.refund({ identity, limit, cost: 5 });
      await subject.exhaust(identity, limit);
    },
  },
  {
    name: "forgets whom it is told to reset, and nobody else",
    async run(subject, algorithm) {
      if (subject.store.reset === undefined) return;
      const [limit, other] = limits(algorithm);
      const [identity, neighbour] = [subject.identity(), subject.identity()];
      for (const who of [identity, neighbour]) await subject.exhaust(who, limit);
      await subject.exhaust(identity, other);
      await subject.store.reset([{ identity, limit }]);
      assertEqual((await subject.consumeOne({ identity, limit, cost: 10 })).allowed, true, "who was reset");
      assertEqual((await subject.consumeOne({ identity: neighbour, limit, cost: 1 })).allowed, false, "the neighbour");
      assertEqual((await subject.consumeOne({ identity, limit: other, cost: 1 })).allowed, false, "the other limit");
    },
  },
];

/** A limit of 10, and one of 2. */
function limits(algorithm: RateLimitAlgorithm): readonly [Limit, Limit] {
  return [limitOf(algorithm, 10, hourMs), limitOf(algorithm, 2, hourMs)];
}
