import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { RateLimitAlgorithm, RateLimitStore } from "../rate-limit/store.ts";
import { differential } from "./store-differential.ts";
import { identityLaws } from "./store-identities.ts";
import { quotaLaws } from "./store-laws.ts";
import { purityLaws } from "./store-purity.ts";
import { settingLaws } from "./store-settings.ts";
import { sharingLaws } from "./store-sharing.ts";
import { type StoreClock, StoreUnderTest } from "./store-under-test.ts";

/** Registers a test: `test` of vitest, `node:test` or `bun:test`, or `Deno.test`. */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/** The settings of `testStore()`. */
export interface TestStoreOptions {
  readonly test: RegisterTest;
  /**
   * Whose clock the store counts by: `"caller"` for one that takes `nowMs` at its word, which is then a virtual clock;
   * `"server"` for one with a clock of its own, which is then tested in real time, some seconds for each algorithm.
   * Default: "caller".
   */
  readonly clock?: StoreClock;
  /** Which algorithms to test. Those that the store has not are left out. Default: all four. */
  readonly algorithms?: readonly RateLimitAlgorithm[];
  /** How many random operations are compared with the reducers, for each algorithm. Default: 2000. */
  readonly operations?: number;
  /** Where the random operations begin. A failure tells it. Default: 1. */
  readonly seed?: number;
  /** Called after each test with its store; with both where it took two. */
  readonly close?: (store: RateLimitStore) => MaybePromise<void>;
}

const everyAlgorithm: readonly RateLimitAlgorithm[] = ["gcra", "fixed-window", "sliding-window", "sliding-log"];

/**
 * Tests a store as those of this package are tested: it registers some seventy tests, each with a store of its own.
 * Identities are new in each run, so that the stores may share a server. Let them share one where yours counts in one:
 * two stores at once are then tested as two processes are.
 *
 * @example
 * ```ts
 * import { testStore } from "mantlet/testing";
 * import { test } from "vitest"; // or node:test, bun:test, Deno.test
 *
 * testStore(() => myStore(), { test });
 * ```
 */
export function testStore(makeStore: () => MaybePromise<RateLimitStore>, options: TestStoreOptions): void {
  const { test, clock = "caller", algorithms = everyAlgorithm, operations = 2000, seed = 1, close } = options;

  const register = (name: string, run: (subject: StoreUnderTest) => Promise<void>): void => {
    test(name, async () => {
      const stores: RateLimitStore[] = [];
      const open = async (): Promise<RateLimitStore> => {
        const store = await makeStore();
        stores.push(store);
        return store;
      };
      try {
        await run(new StoreUnderTest(await open(), clock, open));
      } finally {
        for (const store of stores) await close?.(store);
      }
    });
  };

  for (const algorithm of algorithms) {
    const registerFor = (name: string, run: (subject: StoreUnderTest) => Promise<void>): void => {
      register(`${algorithm}: ${name}`, async (subject) => {
        if (subject.store.capabilities.algorithms.includes(algorithm)) await run(subject);
      });
    };
    for (const { name, run } of [...quotaLaws, ...sharingLaws, ...purityLaws, ...identityLaws]) {
      registerFor(name, (subject) => run(subject, algorithm));
    }
    if (clock === "caller") {
      registerFor("agrees with the reducer on random operations", (subject) =>
        differential(subject, algorithm, operations, seed),
      );
    }
  }
  for (const { name, run } of settingLaws) register(name, run);
}
