import { ConfigError } from "../config-error.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, Options } from "../lib/options.ts";
import { decide, giveBack } from "./algorithms/decide.ts";
import type { LimitState, Remembered } from "./algorithms/state.ts";
import { keyOf, readName, readPrefix } from "./key.ts";
import type { LimitCheck, RateLimitStore } from "./store.ts";

/** A state as it was loaded, and the version that a commit is made against. */
export interface Versioned<Version> {
  readonly state: LimitState | undefined;
  readonly version: Version;
}

/** One change of a commit. */
export interface VersionedWrite<Version> {
  readonly key: string;
  /** What `load` gave. The commit must fail when the key has another by now. */
  readonly version: Version;
  /** `undefined`: delete the key. */
  readonly state: LimitState | undefined;
  /** After this time the state may be forgotten: it says nothing any more. */
  readonly ttlMs: number;
}

/** What `fromCompareAndSet` makes a store of. */
export interface CompareAndSetStoreOptions<Version> {
  readonly name: string;
  /** Reads these keys, each once in the list, and gives what it found in their order. */
  readonly load: (keys: readonly string[], signal?: AbortSignal) => MaybePromise<readonly Versioned<Version>[]>;
  /** Writes all, or nothing if one of the keys has changed: then it gives `false`. */
  readonly commit: (writes: readonly VersionedWrite<Version>[], signal?: AbortSignal) => MaybePromise<boolean>;
  /** How often a decision is tried before the store gives up, when others are always faster, 1 to 1000. Default: 32. */
  readonly maxAttempts?: number;
  /** Begins every key; 1 to 64 characters, no braces. Default: "mantlet". */
  readonly prefix?: string;
  /** As in `RateLimitStore`: for stores that may be slow or down. */
  readonly timeoutMs?: number;
}

const longestPauseMs = 64;

/**
 * Makes a store of anything with optimistic concurrency: Deno KV, etcd, DynamoDB. Requests of this process for one key
 * wait for each other, so that they do not make one another try again; with other processes it tries again after a
 * random pause.
 *
 * @throws ConfigError when an option is out of bounds.
 *
 * @example
 * ```ts
 * const store = fromCompareAndSet<string | null>({
 *   name: "deno-kv",
 *   load: async (keys) => {
 *     const entries = await kv.getMany<LimitState[]>(keys.map((key) => [key]));
 *     return entries.map(({ value, versionstamp }) => ({ state: value ?? undefined, version: versionstamp }));
 *   },
 *   commit: async (writes) => {
 *     const operation = kv.atomic();
 *     for (const { key, version, state, ttlMs } of writes) {
 *       operation.check({ key: [key], versionstamp: version });
 *       if (state === undefined) operation.delete([key]);
 *       else operation.set([key], state, { expireIn: ttlMs });
 *     }
 *     return (await operation.commit()).ok;
 *   },
 * });
 * ```
 */
export function fromCompareAndSet<Version>(options: CompareAndSetStoreOptions<Version>): RateLimitStore {
  const issues: Issues = [];
  const read = new Options(options, "fromCompareAndSet", issues);
  const name = readName(read);
  const load = read.function<CompareAndSetStoreOptions<Version>["load"]>("load");
  const commit = read.function<CompareAndSetStoreOptions<Version>["commit"]>("commit");
  if (read.get("load") === undefined) read.refuse("load", "is missing: write the function that reads keys");
  if (read.get("commit") === undefined)
    read.refuse("commit", "is missing: write the function that writes what has not changed");
  const maxAttempts = read.integer("maxAttempts", 1, 1000) ?? 32;
  const prefix = readPrefix(read);
  const timeoutMs = read.integer("timeoutMs", 1, 60_000, "milliseconds");
  read.done();
  if (issues.length > 0 || load === undefined || commit === undefined) throw new ConfigError(issues);
  const queue = new Queue();

  const update = async <T>(
    checks: readonly Pick<LimitCheck, "identity" | "limit">[],
    change: (states: readonly (LimitState | undefined)[]) => Update<T>,
    signal?: AbortSignal,
  ): Promise<T> => {
    signal?.throwIfAborted();
    const keys = checks.map((check) => keyOf(prefix, check));
    const distinct = [...new Set(keys)];
    const work = async (): Promise<T> => {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        signal?.throwIfAborted();
        const loaded = await load(distinct, signal);
        const found = new Map(distinct.map((key, index) => [key, at(loaded, index)]));
        const { result, kept } = change(keys.map((key) => found.get(key)?.state));
        const writes = writesOf(keys, kept, found);
        if (writes.length === 0) return result;
        signal?.throwIfAborted(); // nobody waits for the answer any more: consume nothing
        if (await commit(writes, signal)) return result;
        await randomPause(attempt);
      }
      throw new Error(`${name}: gave up after ${maxAttempts} attempts, others changed the same keys each time`);
    };
    return queue.run(distinct, work, signal);
  };

  return {
    name,
    capabilities: {
      algorithms: ["gcra", "fixed-window", "sliding-window", "sliding-log"],
      exact: true,
      atomic: true,
      remaining: true,
    },
    ...(timeoutMs !== undefined && { timeoutMs }),
    consume: (checks, { nowMs, signal }) =>
      update(
        checks,
        (states) => {
          const { verdicts, kept } = decide(checks, states, nowMs);
          return { result: verdicts, kept };
        },
        signal,
      ),
    refund: (checks, { nowMs, signal }) =>
      update(checks, (states) => ({ result: undefined, kept: giveBack(checks, states, nowMs) }), signal),
    reset: (checks) =>
      update(checks, () => ({ result: undefined, kept: checks.map(() => ({ state: undefined, ttlMs: 0 })) })),
  };
}

interface Update<T> {
  readonly result: T;
  readonly kept: readonly (Remembered | undefined)[];
}

function at<Version>(loaded: readonly Versioned<Version>[], index: number): Versioned<Version> {
  const entry = loaded[index];
  if (entry === undefined) throw new TypeError("load gave fewer entries than it got keys");
  return entry;
}

/** One write for each key: the last one that was decided. */
function writesOf<Version>(
  keys: readonly string[],
  kept: readonly (Remembered | undefined)[],
  found: ReadonlyMap<string, Versioned<Version>>,
): readonly VersionedWrite<Version>[] {
  const writes = new Map<string, VersionedWrite<Version>>();
  for (const [index, key] of keys.entries()) {
    const remembered = kept[index];
    const entry = found.get(key);
    if (remembered !== undefined && entry !== undefined) {
      writes.set(key, { key, version: entry.version, ...remembered });
    }
  }
  return [...writes.values()];
}

function randomPause(attempt: number): Promise<void> {
  const longestMs = Math.min(longestPauseMs, 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longestMs));
}

/** Runs work one after the other where it shares a key. */
class Queue {
  readonly #tails = new Map<string, Promise<void>>();

  /** @param signal - When it aborts, nobody waits for this work any more, which may never end. */
  run<T>(keys: readonly string[], work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    // All keys are taken at once, so that no two can wait for each other.
    const before = Promise.all(keys.map((key) => this.#tails.get(key)));
    const result = before.then(work);
    const done = Promise.race([result, aborted(signal)])
      .then(ignore, ignore)
      .then(() => {
        for (const key of keys) if (this.#tails.get(key) === done) this.#tails.delete(key);
      });
    for (const key of keys) this.#tails.set(key, done);
    return result;
  }
}

function aborted(signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
}

function ignore(): void {}
