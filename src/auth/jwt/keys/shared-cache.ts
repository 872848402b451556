import type { MaybePromise } from "../../../lib/maybe-promise.ts";
import { within } from "./clock.ts";
import { type Jwk, readJwks } from "./jwk.ts";
import { clampFreshMs } from "./lifetime.ts";
import { maxSetBytes } from "./read-text.ts";

/**
 * Where instances of a program share key sets, so that a new one need not ask the provider: Redis, Deno KV. Whoever can
 * write to it can make tokens, so it must be as safe as the program. What comes of it is checked as if it was fetched.
 */
export interface KeySetCache {
  /** The text that was set for this URL; `undefined` or `null` where there is none. A failure is none. */
  readonly get: (url: string) => MaybePromise<string | null | undefined>;
  /** Keeps a text for so many seconds, or less. */
  readonly set: (url: string, text: string, ttlSeconds: number) => MaybePromise<unknown>;
}

/** A checked set, and when the provider gave it. */
export interface DatedKeys {
  readonly jwks: readonly Jwk[];
  readonly sinceMs: number;
  readonly freshMs: number;
}

/** How long a cache is waited for. */
export const cacheLimitMs = 1000;
const maxClockSkewMs = 60_000;
/** Names the format. Clients that read JSON by themselves leave the text alone for it. */
const prefix = "mantlet-keys-1 ";

/** Reads what is kept for a URL; `undefined` where there is nothing, or nothing usable. Rejects where the cache fails. */
export async function readShared(cache: KeySetCache, url: string, staleMs: number): Promise<DatedKeys | undefined> {
  const text = await within(
    cacheLimitMs,
    (async () => cache.get(url))(), // also where it throws
  );
  if (text === undefined || text === null) return undefined;
  if (typeof text !== "string" || !text.startsWith(prefix) || text.length > maxSetBytes + 1000)
    throw new Error("the shared cache holds something that is no key set");
  const kept: unknown = JSON.parse(text.slice(prefix.length));
  const { sinceMs, freshMs } = Object(kept) as Readonly<Record<string, unknown>>; // its members are judged here
  const nowMs = Date.now();
  if (!isTime(sinceMs) || !isTime(freshMs) || sinceMs > nowMs + maxClockSkewMs)
    throw new Error("the shared cache holds a key set of no possible time");
  const dated = { jwks: readJwks(kept), sinceMs: Math.min(sinceMs, nowMs), freshMs: clampFreshMs(freshMs) };
  return nowMs - dated.sinceMs < dated.freshMs + staleMs ? dated : undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

/** Keeps a set for as long as it may be used anywhere. Only what was checked is kept. */
export async function writeShared(cache: KeySetCache, url: string, keys: DatedKeys, staleMs: number): Promise<void> {
  const { jwks, sinceMs, freshMs } = keys;
  const kept = jwks.map(({ kid, alg, material }) => ({ ...material, kid, alg }));
  const text = prefix + JSON.stringify({ sinceMs, freshMs, keys: kept });
  await cache.set(url, text, Math.ceil((freshMs + staleMs) / 1000));
}
