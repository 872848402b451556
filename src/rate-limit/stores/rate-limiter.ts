import { step } from "../algorithms/algorithms.ts";
import { decide, giveBack } from "../algorithms/decide.ts";
import type { LimitState, Remembered } from "../algorithms/state.ts";
import type { ScriptMode } from "../script/arguments.ts";
import type { LimitCheck, Verdict } from "../store.ts";

/** What `durableObjectStore` sends to an object. */
export interface RateLimiterRequest {
  readonly mode: ScriptMode;
  /** All of the one identity that the object has. */
  readonly checks: readonly LimitCheck[];
}

/** What is needed of a `DurableObjectState`. */
export interface RateLimiterState {
  readonly storage: RateLimiterStorage;
  blockConcurrencyWhile(work: () => Promise<void>): Promise<void>;
}

/** What is needed of a `DurableObjectStorage`, with SQLite behind it or without. */
export interface RateLimiterStorage {
  list(): Promise<Map<string, unknown>>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<boolean>;
  deleteAll(): Promise<void>;
  getAlarm(): Promise<number | null>;
  setAlarm(timeMs: number): Promise<void>;
}

/** What is stored of one limit. */
interface Stored {
  readonly state: LimitState;
  /** From then on the state says nothing any more. */
  readonly endMs: number;
}

/** An alarm is a request that is billed: of an object in use there is at most one a minute. */
const shortestPauseMs = 60_000;

/**
 * The Durable Object that counts one identity for `durableObjectStore()`. Export it from your Worker, and bind it with a
 * migration: `new_sqlite_classes: ["RateLimiter"]`.
 *
 * What it counts survives restarts. An alarm removes what has run out, a minute after it has at the latest; when nothing
 * is left, the object has no storage any more.
 */
export class RateLimiter {
  /** Marks the class for `DurableObjectNamespace<RateLimiter>`; there is no such member at run time. */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  readonly #storage: RateLimiterStorage;
  /** All that is stored, by the ids of the limits: read once, so that no decision waits between reading and writing. */
  readonly #stored = new Map<string, Stored>();
  #alarmMs: number | undefined = undefined;

  constructor(state: RateLimiterState, _env?: unknown) {
    this.#storage = state.storage;
    void state.blockConcurrencyWhile(() => this.#load());
  }

  /** Decides what `durableObjectStore` asks. The platform holds the answer back until all is written. */
  async fetch(request: Request): Promise<Response> {
    const { mode, checks } = (await request.json()) as RateLimiterRequest; // objects are reached by the store alone
    return Response.json(this.#decide(mode, checks, Date.now()));
  }

  /** Removes what has run out. */
  async alarm(): Promise<void> {
    const nowMs = Date.now();
    this.#alarmMs = undefined;
    for (const [key, { endMs }] of this.#stored) if (endMs <= nowMs) this.#forget(key);
    if (this.#stored.size === 0) await this.#storage.deleteAll();
    else this.#wakeAt(Math.min(...Array.from(this.#stored.values(), ({ endMs }) => endMs)), nowMs);
  }

  #decide(mode: ScriptMode, checks: readonly LimitCheck[], nowMs: number): readonly Verdict[] {
    const states = checks.map(({ limit }) => this.#stored.get(limit.id)?.state);
    if (mode === "reset") for (const { limit } of checks) this.#forget(limit.id);
    else if (mode === "refund") this.#keep(checks, giveBack(checks, states, nowMs), nowMs);
    else {
      const { verdicts, kept } = decide(checks, states, nowMs);
      if (mode === "consume") {
        this.#keep(checks, kept, nowMs);
        return verdicts;
      }
      if (!verdicts.every(({ allowed }) => allowed)) return verdicts;
    }
    return checks.map((check) => this.#look(check, nowMs));
  }

  /** What a check of nothing finds. */
  #look(check: LimitCheck, nowMs: number): Verdict {
    return step(this.#stored.get(check.limit.id)?.state, { ...check, cost: 0 }, nowMs).verdict;
  }

  async #load(): Promise<void> {
    for (const [key, value] of await this.#storage.list()) this.#stored.set(key, value as Stored); // as #keep put it
    this.#alarmMs = (await this.#storage.getAlarm()) ?? undefined;
  }

  #keep(checks: readonly LimitCheck[], kept: readonly (Remembered | undefined)[], nowMs: number): void {
    for (const [index, { limit }] of checks.entries()) {
      const remembered = kept[index];
      if (remembered === undefined) continue;
      if (remembered.state === undefined) this.#forget(limit.id);
      else this.#put(limit.id, { state: remembered.state, endMs: nowMs + remembered.ttlMs }, nowMs);
    }
  }

  #put(key: string, stored: Stored, nowMs: number): void {
    this.#stored.set(key, stored);
    void this.#storage.put(key, stored);
    this.#wakeAt(stored.endMs, nowMs);
  }

  #forget(key: string): void {
    this.#stored.delete(key);
    void this.#storage.delete(key);
  }

  /** Sets the alarm, unless it comes sooner anyhow; one that should have come a minute ago never will. */
  #wakeAt(endMs: number, nowMs: number): void {
    const timeMs = Math.max(endMs, nowMs + shortestPauseMs);
    const isLost = this.#alarmMs === undefined || this.#alarmMs < nowMs - shortestPauseMs;
    if (!isLost && this.#alarmMs !== undefined && this.#alarmMs <= timeMs) return;
    this.#alarmMs = timeMs;
    void this.#storage.setAlarm(timeMs);
  }
}
