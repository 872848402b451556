import { ConfigError } from "../config-error.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, Options } from "../lib/options.ts";
import { decide, giveBack } from "./algorithms/decide.ts";
import type { LimitState, Remembered } from "./algorithms/state.ts";
import { keyOf, readName, readPrefix } from "./key.ts";
import type { LimitCheck, RateLimitStore } from "./store.ts";

/** What a transaction reads and writes. */
export interface Transaction {
  /** What was `set` under this key, or `undefined`. */
  readonly get: (key: string) => LimitState | undefined;
  /** Keeps a state. After `ttlMs` it may be forgotten: it says nothing any more. */
  readonly set: (key: string, state: LimitState, ttlMs: number) => void;
  readonly delete: (key: string) => void;
}

/** What `fromTransaction` makes a store of. */
export interface TransactionStoreOptions {
  readonly name: string;
  /**
   * Runs `work` so that nobody else reads or writes the keys that it touches, and gives what it gives. Where one thread
   * does it all, that is `(work) => work(transaction)`.
   */
  readonly transact: <T>(work: (transaction: Transaction) => T) => MaybePromise<T>;
  /** Begins every key; 1 to 64 characters, no braces. Default: "mantlet". */
  readonly prefix?: string;
  /** As in `RateLimitStore`: for stores that may be slow or down. */
  readonly timeoutMs?: number;
}

/**
 * Makes a store of anything that runs a synchronous function without interruption: memory, a Durable Object, SQLite.
 *
 * @throws ConfigError when an option is out of bounds.
 *
 * @example
 * ```ts
 * const states = new Map<string, LimitState>(); // forget them after their ttlMs, too
 * const store = fromTransaction({
 *   name: "map",
 *   transact: (work) =>
 *     work({
 *       get: (key) => states.get(key),
 *       set: (key, state, ttlMs) => states.set(key, state),
 *       delete: (key) => states.delete(key),
 *     }),
 * });
 * ```
 */
export function fromTransaction(options: TransactionStoreOptions): RateLimitStore {
  const issues: Issues = [];
  const read = new Options(options, "fromTransaction", issues);
  const name = readName(read);
  const transact = read.function<TransactionStoreOptions["transact"]>("transact");
  if (read.get("transact") === undefined)
    read.refuse("transact", "is missing: write the function that runs a transaction");
  const prefix = readPrefix(read);
  const timeoutMs = read.integer("timeoutMs", 1, 60_000, "milliseconds");
  read.done();
  if (issues.length > 0 || transact === undefined) throw new ConfigError(issues);
  return {
    name,
    capabilities: {
      algorithms: ["gcra", "fixed-window", "sliding-window", "sliding-log"],
      exact: true,
      atomic: true,
      remaining: true,
    },
    ...(timeoutMs !== undefined && { timeoutMs }),
    consume: (checks, { nowMs, signal }) => {
      signal?.throwIfAborted();
      const keys = keysOf(prefix, checks);
      return transact((transaction) => {
        const { verdicts, kept } = decide(checks, statesOf(transaction, keys), nowMs);
        keep(transaction, keys, kept);
        return verdicts;
      });
    },
    refund: (checks, { nowMs }) => {
      const keys = keysOf(prefix, checks);
      return transact((transaction) => keep(transaction, keys, giveBack(checks, statesOf(transaction, keys), nowMs)));
    },
    reset: (checks) => {
      const keys = keysOf(prefix, checks);
      return transact((transaction) => {
        for (const key of keys) transaction.delete(key);
      });
    },
  };
}

function keysOf(prefix: string, checks: readonly Pick<LimitCheck, "identity" | "limit">[]): readonly string[] {
  return checks.map((check) => keyOf(prefix, check));
}

function statesOf(transaction: Transaction, keys: readonly string[]): readonly (LimitState | undefined)[] {
  return keys.map((key) => transaction.get(key));
}

function keep(transaction: Transaction, keys: readonly string[], kept: readonly (Remembered | undefined)[]): void {
  for (const [index, key] of keys.entries()) {
    const remembered = kept[index];
    if (remembered === undefined) continue;
    if (remembered.state === undefined) transaction.delete(key);
    else transaction.set(key, remembered.state, remembered.ttlMs);
  }
}
