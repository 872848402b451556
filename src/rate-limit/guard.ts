import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Attempt, Breaker } from "./breaker.ts";
import { type HashIdentity, hashWith } from "./key-secret.ts";
import { RefusedClients } from "./refused-clients.ts";
import type { Limit, LimitCheck, RateLimitStore, Verdict } from "./store.ts";
import { unknownVerdict } from "./unknown-verdict.ts";

/** Verdicts, or `undefined` where the store cannot decide now. */
export type Decision = readonly Verdict[] | undefined;

/** A store that has no more than three outcomes: admitted, limited, unavailable. It never throws and never hangs. */
export interface GuardedStore {
  /** Whether the store can look at such a limit without counting. */
  readonly canPeek: (limit: Limit) => boolean;
  readonly consume: (checks: readonly LimitCheck[], exchange: Exchange) => MaybePromise<Decision>;
  /** Milliseconds until the store is tried again. */
  readonly pauseLeftMs: () => number;
}

/** What counts in this process while a store is down. It answers at once. */
export interface LocalStore {
  readonly consume: (checks: readonly LimitCheck[], exchange: Exchange) => readonly Verdict[];
}

/** Puts a deadline, a circuit breaker and a memory of refused clients around a store that counts elsewhere. */
export function guardStore(store: RateLimitStore, keySecret: string | undefined): GuardedStore {
  const guard = new Guard(
    store,
    store.timeoutMs === undefined || keySecret === undefined ? undefined : hashWith(keySecret),
  );
  return {
    canPeek: (limit) =>
      store.capabilities.remaining &&
      store.capabilities.algorithms.includes(limit.algorithm) &&
      store.objectionTo?.(limit) === undefined,
    consume: (checks, exchange) => guard.consume(checks, exchange),
    pauseLeftMs: () => guard.breaker.pauseLeftMs,
  };
}

class Guard {
  readonly breaker: Breaker;
  readonly #store: RateLimitStore;
  readonly #hash: HashIdentity | undefined;
  readonly #refused: RefusedClients | undefined;

  constructor(store: RateLimitStore, hash: HashIdentity | undefined) {
    this.breaker = new Breaker(store.timeoutMs ?? 0);
    this.#store = store;
    this.#hash = hash;
    this.#refused = store.timeoutMs === undefined ? undefined : new RefusedClients();
  }

  consume(checks: readonly LimitCheck[], exchange: Exchange): MaybePromise<Decision> {
    const { nowMs } = exchange;
    const known = this.#refused && this.#knownRefusals(checks, nowMs);
    if (known !== undefined) return known;
    const attempt = this.breaker.begin();
    if (attempt === undefined) return undefined;
    try {
      const { timeoutMs } = this.#store;
      const answer =
        timeoutMs === undefined ? this.#store.consume(checks, { nowMs }) : this.#askInTime(checks, nowMs, timeoutMs);
      return isPromise(answer)
        ? this.#settleLater(checks, answer, attempt, exchange)
        : this.#settle(checks, answer, exchange);
    } catch (error) {
      return this.#fail(error, attempt, exchange);
    }
  }

  async #settleLater(
    checks: readonly LimitCheck[],
    answer: Promise<readonly Verdict[]>,
    attempt: Attempt,
    exchange: Exchange,
  ): Promise<Decision> {
    try {
      return this.#settle(checks, await answer, exchange);
    } catch (error) {
      return this.#fail(error, attempt, exchange);
    }
  }

  /** Where one is sure to be refused, none is consumed: the others' numbers are not known. */
  #knownRefusals(checks: readonly LimitCheck[], nowMs: number): Decision {
    const verdicts = checks.map((check) => this.#refused?.find(check, nowMs));
    return verdicts.some(Boolean) ? verdicts.map((verdict) => verdict ?? unknownVerdict) : undefined;
  }

  #askInTime(checks: readonly LimitCheck[], nowMs: number, timeoutMs: number): Promise<readonly Verdict[]> {
    return withDeadline(timeoutMs, async (signal) => {
      const hash = this.#hash;
      const hashed =
        hash === undefined
          ? checks
          : await Promise.all(checks.map(async (check) => ({ ...check, identity: await hash(check.identity) })));
      return this.#store.consume(hashed, { nowMs, signal });
    });
  }

  #settle(checks: readonly LimitCheck[], verdicts: readonly Verdict[], exchange: Exchange): Decision {
    // A store may be anybody's: what is no verdict must admit nobody.
    if (verdicts.length !== checks.length || !verdicts.every(isVerdict))
      throw new TypeError(`the store ${this.#store.name} did not give a verdict for each of ${checks.length} checks`);
    if (this.breaker.succeed()) {
      exchange.emit({ type: "store_recovered", code: "limiter_recovered" });
    }
    const refused = this.#refused;
    if (refused !== undefined) {
      // From now, not from when the request came: the store decided in between, and nobody is to come too early.
      const nowMs = Date.now();
      for (const [index, check] of checks.entries()) refused.note(check, verdicts[index] as Verdict, nowMs); // as many as checks
    }
    return verdicts;
  }

  #fail(error: unknown, attempt: Attempt, exchange: Exchange): undefined {
    const pauseMs = this.breaker.fail(attempt);
    if (pauseMs === undefined) return;
    exchange.emit({
      type: "store_unavailable",
      code: "limiter_unavailable",
      error,
      ...(pauseMs > 0 && { pauseMs }),
    });
  }
}

function isVerdict(value: Verdict | undefined): boolean {
  return typeof value?.allowed === "boolean" && typeof value.retryAfterMs === "number";
}

/** Rejects when the time is over, whether or not the work heeds its signal. A late result is dropped. */
function withDeadline<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const error = new DOMException(`the store did not answer within ${timeoutMs} ms`, "TimeoutError");
      reject(error);
      controller.abort(error);
    }, timeoutMs);
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
