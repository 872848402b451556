/** Entries looked at for each new one: more than one, so that sweeping keeps ahead of inserting. */
const sweptPerInsert = 2;
/** Keys are shorter, unless what they are made of has no bound: then fewer fit. */
const meanLength = 128;

/**
 * A map of bounded memory, in entries and in text of their keys. It forgets what has ended as new entries come, without
 * timers, and never what has not: where that leaves no room, a new entry is not kept.
 */
export class BoundedMap<Value> {
  readonly #maxEntries: number;
  readonly #endMs: (value: Value) => number;
  readonly #entries = new Map<string, Value>();
  #hand: Iterator<[string, Value]> = this.#entries.entries();
  #length = 0;

  /** @param endMs - From when on a value says nothing any more. */
  constructor(maxEntries: number, endMs: (value: Value) => number) {
    this.#maxEntries = maxEntries;
    this.#endMs = endMs;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** @returns whether there was room for it. */
  set(key: string, value: Value, nowMs: number): boolean {
    if (!this.#entries.has(key)) {
      this.#sweep(nowMs);
      const length = this.#length + key.length;
      if (this.#entries.size >= this.#maxEntries || length > this.#maxEntries * meanLength) return false;
      this.#length = length;
    }
    this.#entries.set(key, value);
    return true;
  }

  /** @returns whether it was there. */
  delete(key: string): boolean {
    const wasThere = this.#entries.delete(key);
    if (wasThere) this.#length -= key.length;
    return wasThere;
  }

  #sweep(nowMs: number): void {
    for (let count = 0; count < sweptPerInsert; count++) {
      const next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#entries.entries();
        return;
      }
      const [key, value] = next.value;
      if (this.#endMs(value) <= nowMs) this.delete(key);
    }
  }
}
