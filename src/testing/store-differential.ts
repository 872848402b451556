import { decide, giveBack } from "../rate-limit/algorithms/decide.ts";
import type { LimitState, Remembered } from "../rate-limit/algorithms/state.ts";
import type { Limit, LimitCheck, RateLimitAlgorithm, Verdict } from "../rate-limit/store.ts";
import { assertEqual, show } from "./assert.ts";
import { Random } from "./random.ts";
import { limitOf, type StoreUnderTest } from "./store-under-test.ts";

/** What a store must say, after the reducers. It forgets nothing. */
class Reference {
  readonly #states = new Map<string, LimitState>();

  consume(checks: readonly LimitCheck[], nowMs: number): readonly Verdict[] {
    const { verdicts, kept } = decide(checks, this.#read(checks), nowMs);
    this.#keep(checks, kept);
    return verdicts;
  }

  refund(checks: readonly LimitCheck[], nowMs: number): void {
    this.#keep(checks, giveBack(checks, this.#read(checks), nowMs));
  }

  reset(checks: readonly LimitCheck[]): void {
    for (const check of checks) this.#states.delete(bucketOf(check));
  }

  #read(checks: readonly LimitCheck[]): readonly (LimitState | undefined)[] {
    return checks.map((check) => this.#states.get(bucketOf(check)));
  }

  #keep(checks: readonly LimitCheck[], kept: readonly (Remembered | undefined)[]): void {
    for (const [index, check] of checks.entries()) {
      const remembered = kept[index];
      if (remembered === undefined) continue;
      if (remembered.state === undefined) this.#states.delete(bucketOf(check));
      else this.#states.set(bucketOf(check), remembered.state);
    }
  }
}

function bucketOf({ identity, limit }: LimitCheck): string {
  return JSON.stringify([identity, limit.id]);
}

/** Does random things to a store and to the reference, and compares every verdict. */
export async function differential(
  subject: StoreUnderTest,
  algorithm: RateLimitAlgorithm,
  operations: number,
  seed: number,
): Promise<void> {
  const random = new Random(seed);
  const reference = new Reference();
  const identities = [subject.identity(), subject.identity(), subject.identity()] as const;
  const limits = limitsOf(algorithm);
  const { capabilities, refund, reset } = subject.store;

  for (let operation = 0; operation < operations; operation++) {
    await subject.wait(random.pick([0, 0, 0, 1, random.below(50), random.below(1000), random.below(30_000)]));
    const checks = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => randomCheck(random, identities, limits));
    const { nowMs } = subject;
    const what = random.below(20);
    if (what === 0 && refund !== undefined) {
      await refund(checks, { nowMs });
      reference.refund(checks, nowMs);
    } else if (what === 1 && reset !== undefined) {
      await reset(checks);
      reference.reset(checks);
    } else {
      const verdicts = await subject.consume(...checks);
      const expected = reference.consume(checks, nowMs);
      const known = capabilities.remaining ? expected : expected.map((verdict) => ({ ...verdict, remaining: null }));
      assertEqual(verdicts, known, `operation ${operation} of seed ${seed} at ${nowMs}: ${show(checks)}`);
    }
  }
}

/** Settings whose times are whole ms, so that a store may count them in any arithmetic. */
function limitsOf(algorithm: RateLimitAlgorithm): readonly [Limit, ...Limit[]] {
  return [
    limitOf(algorithm, 1, 1000),
    limitOf(algorithm, 4, 2000, algorithm === "gcra" ? { burst: 2 } : {}),
    limitOf(algorithm, 10, 60_000, algorithm === "fixed-window" ? { isAligned: true } : {}),
    limitOf(algorithm, 8, 3_600_000),
  ];
}

function randomCheck(
  random: Random,
  identities: readonly [string, ...string[]],
  limits: readonly [Limit, ...Limit[]],
): LimitCheck {
  const limit = random.pick(limits);
  const cost = random.pick([1, 1, 1, 1, 0, 2, random.below(limit.burst + 2)]);
  return { identity: random.pick(identities), limit, cost, ...(random.below(10) === 0 && { peek: true }) };
}
