import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { Breaker } from "./breaker.ts";
import { type HashIdentity, hashWith } from "./key-secret.ts";
import { RefusedClients } from "./refused-clients.ts";
import type { LimitCheck, RateLimitStore, Verdict } from "./store.ts";

/** Verdicts, or `undefined` where the store cannot decide now. */
export type Decision = readonly Verdict[] | undefined;

/** A store that has no more than three outcomes: admitted, limited, unavailable. It never throws and never hangs. */
export interface GuardedStore {
  readonly consume: (checks: readonly LimitCheck[], exchange: Exchange) => MaybePromise<Decision>;
  /** Milliseconds until the store is tried again. */
  readonly pauseLeftMs: (nowMs: number) => number;
}

/** Puts a deadline, a circuit breaker and a memory of refused clients around a store that counts elsewhere. */
export function guardStore(store: RateLimitStore, keySecret: string | undefined): GuardedStore {
  const guard = new Guard(
    store,
    store.timeoutMs === undefined || keySecret === undefined ? undefined : hashWith(keySecret),
  );
  return {
    consume: (checks, exchange) => guard.consume(checks, exchange),
    pauseLeftMs: (nowMs) => guard.breaker.pauseLeftMs(nowMs),
  };
}

class Guard {
  readonly breaker: Breaker = new Breaker();
  readonly #store: RateLimitStore;
  readonly #hash: HashIdentity | undefined;
  readonly #refused: RefusedClients | undefined;

  constructor(store: RateLimitStore, hash: HashIdentity | undefined) {
    this.#store = store;
    this.#hash = hash;
    this.#refused = store.timeoutMs === undefined ? undefined : new RefusedClients();
  }

  consume(checks: readonly LimitCheck[], exchange: Exchange): MaybePromise<Decision> {
    const { nowMs } = exchange;
    const known = this.#refused && this.#knownRefusals(checks, nowMs);
    if (known !== undefined) return known;
    if (!this.breaker.admits(nowMs)) return undefined;
    try {
      const answer = this.#ask(checks, nowMs);
      if (!isPromise(answer)) return this.#settle(checks, answer, exchange);
      return answer
        .then((verdicts) => this.#settle(checks, verdicts, exchange))
        .catch((error: unknown) => this.#fail(error, exchange));
    } catch (error) {
      return this.#fail(error, exchange);
    }
  }

  /** Where one is sure to be refused, none is consumed: the others' numbers are not known. */
  #knownRefusals(checks: readonly LimitCheck[], nowMs: number): Decision {
    const verdicts = checks.map((check) => this.#refused?.find(check, nowMs));
    if (verdicts.every((verdict) => verdict === undefined)) return undefined;
    return verdicts.map((verdict) => verdict ?? { allowed: true, remaining: null, retryAfterMs: 0, resetMs: null });
  }

  #ask(checks: readonly LimitCheck[], nowMs: number): MaybePromise<readonly Verdict[]> {
    const { timeoutMs } = this.#store;
    if (timeoutMs === undefined) return this.#store.consume(checks, { nowMs });
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
    if (verdicts.length !== checks.length) {
      return this.#fail(
        new TypeError(`the store ${this.#store.name} gave ${verdicts.length} verdicts for ${checks.length} checks`),
        exchange,
      );
    }
    if (this.breaker.succeed()) {
      exchange.emit({ type: "store_recovered", code: "limiter_recovered", ...exchange.eventBase() });
    }
    const refused = this.#refused;
    if (refused !== undefined) {
      // Of several, one that would have been admitted was not refused by its own limit.
      for (const [index, check] of checks.entries()) refused.note(check, verdicts[index] as Verdict, exchange.nowMs); // as many as checks
    }
    return verdicts;
  }

  #fail(error: unknown, exchange: Exchange): undefined {
    this.breaker.fail(exchange.nowMs);
    exchange.emit({ type: "store_unavailable", code: "limiter_unavailable", error, ...exchange.eventBase() });
  }
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
