import { ConfigError } from "../../config-error.ts";
import { type Issues, Options } from "../../lib/options.ts";
import { endMs, step } from "../algorithms/algorithms.ts";
import { decide, giveBack } from "../algorithms/decide.ts";
import type { LimitState, Remembered } from "../algorithms/state.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Limit, LimitCheck, RateLimitStore, Verdict } from "../store.ts";

/** The settings of `memoryStore()`. */
export interface MemoryStoreOptions {
  /**
   * The most clients kept per limit, 1,000 to 10,000,000. Beyond it, further clients share buckets until others have
   * paid off: memory stays bounded and no limit is ever reset by a flood. So they do where names are long, of more than
   * 128 characters on average. Default: 100,000, about 10 MB; a `"sliding-log"` takes 8 bytes more for each request.
   */
  readonly maxKeys?: number;
}

const overflowBuckets = 4096;

/**
 * Counts in the memory of this process or isolate: exact within it, and blind beyond. On a platform that is known to run
 * many (Cloudflare Workers, serverless), the first request makes one warning event, `counted_per_isolate`. Without timers,
 * so it may be created at module scope on Workers. The default store.
 *
 * @throws ConfigError when an option is out of bounds.
 */
export function memoryStore(options: MemoryStoreOptions = {}): RateLimitStore {
  const issues: Issues = [];
  const read = new Options(options, "memoryStore", issues);
  const maxKeys = read.integer("maxKeys", 1000, 10_000_000) ?? 100_000;
  read.done();
  if (issues.length > 0) throw new ConfigError(issues);

  const tables = new Map<string, Table>();
  const tableOf = (limit: Limit): Table => {
    let table = tables.get(limit.id);
    if (table === undefined) {
      table = new Table(limit, maxKeys);
      tables.set(limit.id, table);
    }
    return table;
  };
  const stateOf = ({ identity, limit }: LimitCheck): LimitState | undefined => tableOf(limit).read(identity);
  const keep = (checks: readonly LimitCheck[], kept: readonly (Remembered | undefined)[], nowMs: number): void => {
    for (const [index, { identity, limit }] of checks.entries()) {
      const remembered = kept[index];
      if (remembered !== undefined) tableOf(limit).write(identity, remembered.state, nowMs);
    }
  };

  const consumeOne = (check: LimitCheck, nowMs: number): Verdict => {
    const table = tableOf(check.limit);
    const { state, verdict } = step(table.read(check.identity), check, nowMs);
    if (verdict.allowed && check.cost > 0) table.write(check.identity, state, nowMs);
    return verdict;
  };

  return {
    name: "memory",
    capabilities: {
      algorithms: ["gcra", "fixed-window", "sliding-window", "sliding-log"],
      exact: true,
      atomic: true,
      remaining: true,
    },
    consume(checks, { nowMs }) {
      const [only] = checks;
      if (only !== undefined && checks.length === 1 && !only.peek) return [consumeOne(only, nowMs)];
      const { verdicts, kept } = decide(checks, checks.map(stateOf), nowMs);
      keep(checks, kept, nowMs);
      return verdicts;
    },
    refund(checks, { nowMs }) {
      keep(checks, giveBack(checks, checks.map(stateOf), nowMs), nowMs);
    },
    reset(checks) {
      for (const { identity, limit } of checks) tableOf(limit).forget(identity);
    },
  };
}

/** The clients of one limit, and what is remembered of each. */
class Table {
  readonly #states: BoundedMap<LimitState>;
  readonly #overflow = new Map<number, LimitState>();
  #seed = 0;

  constructor(limit: Limit, maxKeys: number) {
    this.#states = new BoundedMap(maxKeys, (state) => endMs(state, limit));
  }

  read(identity: string): LimitState | undefined {
    // A shared bucket counts until it has paid, also when there is room again: else room would free who is limited.
    return (
      this.#states.get(identity) ?? (this.#overflow.size > 0 ? this.#overflow.get(this.#bucketOf(identity)) : undefined)
    );
  }

  write(identity: string, state: LimitState | undefined, nowMs: number): void {
    if (state === undefined) this.forget(identity);
    else if (!this.#states.keep(identity, state, nowMs)) this.#overflow.set(this.#bucketOf(identity), state);
  }

  /** Forgets a client; one without a bucket of its own, and so those it shares with. */
  forget(identity: string): void {
    if (!this.#states.delete(identity)) this.#overflow.delete(this.#bucketOf(identity));
  }

  /** FNV-1a over a seed that nobody knows, so that nobody can aim at another's bucket. */
  #bucketOf(identity: string): number {
    this.#seed ||= Math.floor(Math.random() * 0xffff_ffff) + 1;
    let hash = this.#seed;
    for (let index = 0; index < identity.length; index++) {
      hash = Math.imul(hash ^ identity.charCodeAt(index), 0x0100_0193);
    }
    return (hash >>> 0) % overflowBuckets;
  }
}
