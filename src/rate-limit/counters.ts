import type { Exchange } from "../exchange.ts";
import { type GuardedStore, guardStore, type LocalStore } from "./guard.ts";
import { warnOfIsolates } from "./isolates.ts";
import type { RateLimitStore, Verdict } from "./store.ts";
import { memoryStore } from "./stores/memory.ts";
import type { Counters } from "./take.ts";

/** What belongs to a store: policies that share it share its circuit breaker, and what stands in for it. */
const countersOfStores = new WeakMap<RateLimitStore, Map<string | undefined, Counters>>();

/** Where the limits of a store are counted; one for each secret under which it gets identities. */
export function countersOf(store: RateLimitStore, keySecret: string | undefined): Counters {
  let bySecret = countersOfStores.get(store);
  if (bySecret === undefined) {
    bySecret = new Map();
    countersOfStores.set(store, bySecret);
  }
  let counters = bySecret.get(keySecret);
  if (counters === undefined) {
    const guarded = guardStore(store, keySecret);
    counters = {
      store: store.timeoutMs === undefined ? inThisIsolate(guarded) : guarded,
      local: localStore(warnOfIsolates("localShare is the part of a limit that each grants while the store is down")),
      authFailures: localStore(),
    };
    bySecret.set(keySecret, counters);
  }
  return counters;
}

/** A store without a deadline counts in memory. */
function inThisIsolate(guarded: GuardedStore): GuardedStore {
  const warn = warnOfIsolates("give the policy a store that they share, such as upstashStore()");
  return {
    ...guarded,
    consume(checks, exchange) {
      warn(exchange);
      return guarded.consume(checks, exchange);
    },
  };
}

function localStore(warn?: (exchange: Exchange) => void): LocalStore {
  const memory = memoryStore();
  return {
    consume(checks, exchange) {
      if (checks.length > 0) warn?.(exchange);
      return memory.consume(checks, { nowMs: exchange.nowMs }) as readonly Verdict[]; // memory answers at once
    },
  };
}
