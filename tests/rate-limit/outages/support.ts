import { expect } from "vitest";
import {
  type Policy,
  type PolicyEvent,
  policy,
  type RateLimitOptions,
  type RateLimitStore,
} from "../../../src/index.ts";
import { expectProblem, get, ok, recorder } from "../../lib/harness.ts";
import { limitOf, someone } from "../redis/limits.ts";
import { until } from "../redis/server.ts";

export const at = { clientIp: "192.0.2.1" };

/** A policy over a store that may break, and what happened to it. */
export interface Watched {
  readonly api: Policy;
  readonly events: readonly PolicyEvent[];
  /** How often the store was asked. */
  readonly asked: () => number;
}

/** Ten an hour, of which this process grants five by itself. */
export function watch(store: RateLimitStore, onUnavailable: NonNullable<RateLimitOptions["onUnavailable"]>): Watched {
  const { events, onEvent } = recorder();
  let asked = 0;
  const api = policy({
    store: {
      ...store,
      consume(checks, options) {
        asked++;
        return store.consume(checks, options);
      },
    },
    rateLimit: {
      name: onUnavailable, // three policies over one store: each has a bucket of its own
      limit: 10,
      windowSeconds: 3600,
      onUnavailable,
      ...(onUnavailable === "local" && { localShare: 0.5 }),
    },
    onEvent,
  });
  return { api, events, asked: () => asked };
}

/** One request, and how long it took. */
export async function timed(api: Policy): Promise<{ readonly response: Response; readonly ms: number }> {
  const startMs = performance.now();
  const response = await api.run(get(), at, ok);
  return { response, ms: performance.now() - startMs };
}

export function numbersIn({ headers }: Response): readonly string[] {
  return [...headers.keys()].filter((name) => /^(?:x-)?ratelimit(?!-policy)/.test(name));
}

/** The answer to a request that the local fallback admitted as the n-th. */
export function expectLocal(response: Response, nth: number): void {
  expect(response.status).toBe(200);
  expect(response.headers.get("ratelimit-policy")).toBe('"local";q=5;w=3600');
  expect(response.headers.get("ratelimit")).toMatch(new RegExp(`^"local";r=${5 - nth};t=\\d+$`));
  expect(response.headers.get("x-ratelimit-limit")).toBe("5");
  expect(response.headers.get("x-ratelimit-remaining")).toBe(String(5 - nth));
}

/** The answer to a request that nobody counted. */
export function expectOpen(response: Response): void {
  expect(response.status).toBe(200);
  expect(response.headers.get("ratelimit-policy")).toBe('"open";q=10;w=3600');
  expect(numbersIn(response)).toEqual([]);
}

/** The answer to a request that nobody could count, and that must be counted. */
export async function expectClosed(response: Response): Promise<void> {
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(Number(response.headers.get("retry-after"))).toBeLessThanOrEqual(31);
  expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(response.headers.has("ratelimit-policy")).toBe(false);
  expect(numbersIn(response)).toEqual([]);
  expect(await expectProblem(response, 503, "limiter_unavailable")).toMatchObject({
    type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
    title: "Temporary Reduced Capacity",
  });
}

export function expectCounted(response: Response, name: string): void {
  expect(response.status).toBe(200);
  expect(response.headers.get("ratelimit-policy")).toBe(`"${name}";q=10;w=3600`);
  expect(response.headers.get("ratelimit")).toMatch(new RegExp(`^"${name}";r=\\d;t=\\d+$`));
}

/** Waits until the client of a store has found its server, by decisions that no test looks at. */
export async function untilItDecides(store: RateLimitStore): Promise<void> {
  const check = { identity: someone(), limit: limitOf("gcra"), cost: 1 };
  const decides = async (): Promise<boolean> => {
    try {
      await store.consume([check], { nowMs: Date.now(), signal: AbortSignal.timeout(1000) });
      return true;
    } catch {
      return false;
    }
  };
  await until(decides, "the client did not find its server");
}
