import { ConfigError } from "../../config-error.ts";
import { type Issues, Options } from "../../lib/options.ts";
import { gcra, type Step } from "../gcra.ts";
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
 * Counts in the memory of this process or isolate: exact within it, and blind beyond. Without timers, so it may be
 * created at module scope on Workers. The default store.
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
  const tableOf = ({ id }: Limit): Table => {
    let table = tables.get(id);
    if (table === undefined) {
      table = new Table(maxKeys);
      tables.set(id, table);
    }
    return table;
  };
  const decide = ({ identity, limit, cost }: LimitCheck, nowMs: number): Step =>
    gcra(tableOf(limit).read(identity), limit, cost, nowMs);

  const consumeOne = ({ identity, limit, cost }: LimitCheck, nowMs: number): Verdict => {
    const table = tableOf(limit);
    const { state, verdict } = gcra(table.read(identity), limit, cost, nowMs);
    if (verdict.allowed) table.write(identity, state, nowMs);
    return verdict;
  };

  return {
    name: "memory",
    capabilities: { algorithms: ["gcra"], exact: true, atomic: true, remaining: true },
    consume(checks, { nowMs }) {
      const [only] = checks;
      if (only !== undefined && checks.length === 1) return [consumeOne(only, nowMs)];
      const steps = checks.map((check) => decide(check, nowMs));
      if (steps.every(({ verdict }) => verdict.allowed)) {
        for (const [index, { identity, limit }] of checks.entries()) {
          tableOf(limit).write(identity, (steps[index] as Step).state, nowMs); // one step per check
        }
        return steps.map(({ verdict }) => verdict);
      }
      // Nothing is consumed: whoever would have been admitted keeps what it has.
      return steps.map(({ verdict }, index) => (verdict.allowed ? untouched(checks[index] as LimitCheck) : verdict));

      function untouched(check: LimitCheck): Verdict {
        return decide({ ...check, cost: 0 }, nowMs).verdict;
      }
    },
  };
}

/** The clients of one limit, and when each has paid its debt. */
class Table {
  readonly #maxKeys: number;
  readonly #states = new Map<string, number>();
  #hand: Iterator<[string, number]> = this.#states.entries();
  #overflow: Float64Array | undefined = undefined;
  #seed = 0;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  read(identity: string): number | undefined {
    // A shared bucket counts until it has paid, also when there is room again: else room would free who is limited.
    return this.#states.get(identity) ?? this.#overflow?.[this.#bucketOf(identity)];
  }

  write(identity: string, state: number, nowMs: number): void {
    if (state <= nowMs) return;
    if (!this.#states.has(identity)) {
      this.#sweep(nowMs);
      if (this.#states.size >= this.#maxKeys) {
        this.#overflow ??= new Float64Array(overflowBuckets);
        this.#overflow[this.#bucketOf(identity)] = state;
        return;
      }
    }
    this.#states.set(identity, state);
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
      if (state <= nowMs) this.#states.delete(identity);
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
