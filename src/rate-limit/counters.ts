import { guardStore } from "./guard.ts";
import type { RateLimitStore } from "./store.ts";
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
    counters = { store: guardStore(store, keySecret), local: memoryStore() };
    bySecret.set(keySecret, counters);
  }
  return counters;
}
