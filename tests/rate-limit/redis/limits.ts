import { randomUUID } from "node:crypto";
import type { Limit, RateLimitAlgorithm, RateLimitStore, Verdict } from "../../../src/rate-limit/store.ts";

export const algorithms: readonly RateLimitAlgorithm[] = ["gcra", "fixed-window", "sliding-window", "sliding-log"];

/** An hour that is at its beginning or middle, so that no window ends during a test. */
export const hourMs: number = Date.now() % 3_600_000 < 3_500_000 ? 3_600_000 : 3_700_000;

export function limitOf(algorithm: RateLimitAlgorithm, settings: Partial<Limit> = {}): Limit {
  const { name = "test", limit = 100, windowMs = hourMs, burst = limit, isAligned = false } = settings;
  const id = `${name}:${algorithm}:${limit}/${windowMs / 1000}/${burst}${isAligned ? "/aligned" : ""}`;
  return { id, name, algorithm, limit, windowMs, burst, isAligned };
}

export function someone(): string {
  return randomUUID();
}

/** Decides requests of one identity under some limits. */
export async function take(
  store: RateLimitStore,
  identity: string,
  limits: readonly Limit[],
  cost = 1,
): Promise<readonly Verdict[]> {
  return store.consume(
    limits.map((limit) => ({ identity, limit, cost })),
    { nowMs: 0 },
  );
}

/** Asks until the client has found its way: what it answers then is a decision. */
export async function takeSoon(
  store: RateLimitStore,
  identity: string,
  limits: readonly Limit[],
): Promise<readonly Verdict[]> {
  const endMs = Date.now() + 20_000;
  for (;;) {
    try {
      return await take(store, identity, limits);
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
