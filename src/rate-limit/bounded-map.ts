/** Entries looked at for each new one: more than one, so that sweeping keeps ahead of inserting. */
const sweptPerInsert = 2;
/** Keys are shorter, unless what they are made of has no bound: then fewer fit. */
const meanLength = 128;

/**
 * A map of bounded memory, in entries and in text of their keys. It forgets what has ended as new entries come, without
 * timers, and never what has not: where that leaves no room, a new entry is not kept. Written by `keep` alone.
 */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #maxEntries: number;
  readonly #endMs: (value: Value) => number;
  #hand: Iterator<[string, Value]> = this.entries();
  #length = 0;

  /** @param endMs - From when on a value says nothing any more. */
  constructor(maxEntries: number, endMs: (value: Value) => number) {
    super();
    this.#maxEntries = maxEntries;
    this.#endMs = endMs;
  }

  /** @returns whether there was room for it. */
  keep(key: string, value: Value, nowMs: number): boolean {
    const { size } = this;
    this.set(key, value); // before it is known whether there is room: to look for it first costs a second search
    if (this.size === size) return true;
    this.#length += key.length;
    this.#sweep(nowMs);
    const hasRoom = this.size <= this.#maxEntries && this.#length <= this.#maxEntries * meanLength;
    if (!hasRoom) this.delete(key);
    return hasRoom;
  }

  /** @returns whether it was there. */
  override delete(key: string): boolean {
    const wasThere = super.delete(key);
    if (wasThere) this.#length -= key.length;
    return wasThere;
  }

  #sweep(nowMs: number): void {
    for (let count = 0; count < sweptPerInsert; count++) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.entries();
        next = this.#hand.next(); // at once: else the new entry alone is looked at, and there is no room for it
      }
      if (next.done) return;
      const [key, value] = next.value;
      if (this.#endMs(value) <= nowMs) this.delete(key);
    }
  }
}
