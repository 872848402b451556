import type { Limit, LimitCheck, RateLimitAlgorithm, RateLimitStore, Verdict } from "../rate-limit/store.ts";
import { assert, assertEqual, show } from "./assert.ts";
import { type ManualClock, manualClock } from "./clock.ts";

/** Whose clock a store counts by: that of the caller (`nowMs`), or its own. */
export type StoreClock = "caller" | "server";

/** A limit for tests; each algorithm, limit and window has an id of its own. */
export function limitOf(
  algorithm: RateLimitAlgorithm,
  limit: number,
  windowMs: number,
  more: Partial<Limit> = {},
): Limit {
  const { burst = limit, isAligned = false } = more;
  const id = `test:${algorithm}:${limit}/${windowMs}/${burst}${isAligned ? "/aligned" : ""}`;
  return { id, name: "test", algorithm, limit, windowMs, burst, isAligned };
}

/** A store, the time, and identities that no other test has. */
export class StoreUnderTest {
  readonly store: RateLimitStore;
  readonly clock: StoreClock;
  /** Makes another store, which may share with this one what it counts. */
  readonly another: () => Promise<RateLimitStore>;
  readonly #manual: ManualClock = manualClock();
  readonly #run: string = `${Date.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
  #identities = 0;

  constructor(store: RateLimitStore, clock: StoreClock, another: () => Promise<RateLimitStore>) {
    this.store = store;
    this.clock = clock;
    this.another = another;
  }

  get nowMs(): number {
    return this.clock === "server" ? Date.now() : this.#manual.nowMs;
  }

  /** Lets time pass: at once, or really where the store has its own clock. */
  async wait(ms: number): Promise<void> {
    if (this.clock === "caller") this.#manual.advance(ms);
    else await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** An identity that was never used, also not by an earlier run on the same server. */
  identity(text = ""): string {
    this.#identities++;
    return `${this.#run}-${this.#identities}${text}`;
  }

  async consume(...checks: readonly LimitCheck[]): Promise<readonly Verdict[]> {
    const verdicts = await this.store.consume(checks, { nowMs: this.nowMs });
    assertEqual(verdicts.length, checks.length, "consume gives one verdict for each check");
    for (const verdict of verdicts) assert(isVerdict(verdict), `consume gives what is no verdict: ${show(verdict)}`);
    return verdicts;
  }

  async consumeOne(check: LimitCheck): Promise<Verdict> {
    const [verdict] = await this.consume(check);
    if (verdict === undefined) throw new TypeError("unreachable: the number of verdicts was checked");
    return verdict;
  }

  /** Takes the whole quota, and gives the refusal that comes after it. */
  async exhaust(identity: string, limit: Limit): Promise<Verdict> {
    const all = await this.consumeOne({ identity, limit, cost: limit.burst });
    assertEqual(all.allowed, true, "the whole quota is admitted at once");
    const refused = await this.consumeOne({ identity, limit, cost: 1 });
    assertEqual(refused.allowed, false, "after the whole quota the next request is refused");
    return refused;
  }

  async refund(...checks: readonly LimitCheck[]): Promise<void> {
    await this.store.refund?.(checks, { nowMs: this.nowMs });
  }

  /** What must be left; stores that cannot know say `null`. */
  assertRemaining(verdict: Verdict, expected: number, message: string): void {
    assertEqual(verdict.remaining, this.store.capabilities.remaining ? expected : null, message);
  }
}

function isVerdict({ allowed, remaining, retryAfterMs, resetMs }: Verdict): boolean {
  const isRemaining = remaining === null || (Number.isSafeInteger(remaining) && remaining >= 0);
  return isRemaining && retryAfterMs >= 0 && allowed === (retryAfterMs === 0) && (resetMs === null || resetMs >= 0);
}
