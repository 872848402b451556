import { ConfigError } from "../../config-error.ts";
import { type Issues, Options } from "../../lib/options.ts";
import { fromCompareAndSet, type Versioned, type VersionedWrite } from "../from-compare-and-set.ts";
import { readPrefix } from "../key.ts";
import type { RateLimitStore } from "../store.ts";
import { packState, unpackState } from "./deno-kv-state.ts";

/** What is needed of a `Deno.Kv`. */
export interface DenoKv {
  getMany(
    keys: readonly (readonly string[])[],
  ): Promise<readonly { readonly value: unknown; readonly versionstamp: string | null }[]>;
  atomic(): DenoKvAtomicOperation;
}

/** What is needed of a `Deno.AtomicOperation`. */
export interface DenoKvAtomicOperation {
  check(check: { key: readonly string[]; versionstamp: string | null }): unknown;
  set(key: readonly string[], value: unknown, options: { expireIn: number }): unknown;
  delete(key: readonly string[]): unknown;
  commit(): Promise<{ readonly ok: boolean }>;
}

/** The settings of `denoKvStore()`. */
export interface DenoKvStoreOptions {
  /** The first part of all keys: 1 to 64 characters, no braces. Default: `"mantlet"`. */
  readonly prefix?: string;
  /** How long a decision may take, in milliseconds, 1 to 60,000. Default: 250. */
  readonly timeoutMs?: number;
}

/** `getMany` takes no more. */
const keysPerRead = 10;
/** Keys have 2 KiB; a UTF-16 unit takes three bytes at most. */
const longestKey = 512;

/**
 * Counts in Deno KV, with the database that `await Deno.openKv()` gives: exact under any concurrency, of this process and
 * of others. A decision is one read and, where something is consumed, one atomic write, again where another process was
 * faster. Every key expires when it says nothing any more.
 *
 * Counts by the clock of this process. Deno KV takes no abort signal: a write that comes too late may still count, never
 * too little. Needs `--unstable-kv`; opening and closing the database is yours. Does no I/O before the first decision.
 *
 * @throws ConfigError when it is no such database, or an option is out of bounds.
 *
 * @example
 * ```ts
 * const api = policy({
 *   store: denoKvStore(await Deno.openKv()),
 *   rateLimit: { limit: 100, windowSeconds: 60 },
 * });
 * ```
 */
export function denoKvStore(kv: DenoKv, options: DenoKvStoreOptions = {}): RateLimitStore {
  const issues: Issues = [];
  if (typeof kv?.getMany !== "function" || typeof kv.atomic !== "function") {
    issues.push({
      path: "denoKvStore",
      message: "the database has no getMany and atomic: pass what `await Deno.openKv()` gives",
    });
  }
  const read = new Options(options, "denoKvStore", issues);
  const prefix = readPrefix(read);
  const timeoutMs = read.integer("timeoutMs", 1, 60_000, "milliseconds") ?? 250;
  read.done();
  if (issues.length > 0) throw new ConfigError(issues);
  return fromCompareAndSet<string | null>({
    name: "deno-kv",
    prefix,
    timeoutMs,
    load: async (keys) => load(kv, await Promise.all(keys.map((key) => kvKeyOf(prefix, key)))),
    commit: (writes) => commit(kv, prefix, writes),
  });
}

async function load(kv: DenoKv, keys: readonly (readonly string[])[]): Promise<readonly Versioned<string | null>[]> {
  const found: Versioned<string | null>[] = [];
  for (let from = 0; from < keys.length; from += keysPerRead) {
    for (const { value, versionstamp } of await kv.getMany(keys.slice(from, from + keysPerRead))) {
      found.push({ state: unpackState(value), version: versionstamp });
    }
  }
  return found;
}

async function commit(kv: DenoKv, prefix: string, writes: readonly VersionedWrite<string | null>[]): Promise<boolean> {
  const operation = kv.atomic();
  for (const { key, version, state, ttlMs } of writes) {
    const kvKey = await kvKeyOf(prefix, key);
    operation.check({ key: kvKey, versionstamp: version });
    if (state === undefined) operation.delete(kvKey);
    else operation.set(kvKey, packState(state), { expireIn: ttlMs });
  }
  try {
    return (await operation.commit()).ok;
  } catch (error) {
    if (isLocked(error)) return false;
    throw error;
  }
}

/** Another thread or process was writing to the same file, so that nothing could be written: as if it had been faster. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && /database is locked/i.test(error.message);
}

/** `["mantlet", "{3:abc}:limit.id"]`. What is too long for a key is hashed, which begins with no brace. */
async function kvKeyOf(prefix: string, key: string): Promise<readonly string[]> {
  const own = key.slice(prefix.length + 1);
  if (own.length <= longestKey) return [prefix, own];
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(own)));
  return [prefix, `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`];
}
