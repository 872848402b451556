import { ConfigError } from "../../config-error.ts";
import { type Issues, Options } from "../../lib/options.ts";
import { endMs, step } from "../algorithms/algorithms.ts";
import { decide, giveBack } from "../algorithms/decide.ts";
import type { LimitState, Remembered } from "../algorithms/state.ts";
import type { Limit, LimitCheck, RateLimitStore, Verdict } from "../store.ts";

/** The settings of `memoryStore()`. */
export interface MemoryStoreOptions {
  /**
   * The most clients kept per limit, 1,000 to 10,000,000. Beyond it, further clients share buckets until others have
   * paid off: memory stays bounded and no limit is ever reset by a flood. Default: 100,000, about 10 MB.
   */
  readonly maxKeys?: number;
}

const overflowBuckets = 4096;
/** Entries looked at for each new client: more than one, so that sweeping keeps ahead of inserting. */
const sweptPerInsert = 2;

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
  readonly #limit: Limit;
  readonly #maxKeys: number;
  readonly #states = new Map<string, LimitState>();
  #hand: Iterator<[string, LimitState]> = this.#states.entries();
  #overflow: (LimitState | undefined)[] | undefined = undefined;
  #seed = 0;

  constructor(limit: Limit, maxKeys: number) {
    this.#limit = limit;
    this.#maxKeys = maxKeys;
  }

  read(identity: string): LimitState | undefined {
    // A shared bucket counts until it has paid, also when there is room again: else room would free who is limited.
    return this.#states.get(identity) ?? this.#overflow?.[this.#bucketOf(identity)];
  }

  write(identity: string, state: LimitState | undefined, nowMs: number): void {
    if (state === undefined) {
      this.forget(identity);
      return;
    }
    if (!this.#states.has(identity)) {
      this.#sweep(nowMs);
      if (this.#states.size >= this.#maxKeys) {
        this.#overflow ??= new Array<LimitState | undefined>(overflowBuckets).fill(undefined);
        this.#overflow[this.#bucketOf(identity)] = state;
        return;
      }
    }
    this.#states.set(identity, state);
  }

  /** Forgets a client; one without a bucket of its own, and so those it shares with. */
  forget(identity: string): void {
    if (!this.#states.delete(identity) && this.#overflow) this.#overflow[this.#bucketOf(identity)] = undefined;
  }

  /** Forgets some of those who have paid: to forget them changes no decision. */
  #sweep(nowMs: number): void {
    for (let count = 0; count < sweptPerInsert; count++) {
      const next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#states.entries();
        return;
      }
      const [identity, state] = next.value;
      if (endMs(state, this.#limit) <= nowMs) this.#states.delete(identity);
    }
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
