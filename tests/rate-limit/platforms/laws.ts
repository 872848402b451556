import type { RateLimitStore } from "../../../src/index.ts";
import { type TestStoreOptions, testStore } from "../../../src/testing.ts";

/** The tests of the suite for all stores, by name, for runtimes where the test runner is not. */
export function lawsFor(
  makeStore: () => RateLimitStore,
  options: Omit<TestStoreOptions, "test"> = {},
): ReadonlyMap<string, () => Promise<void>> {
  const laws = new Map<string, () => Promise<void>>();
  testStore(makeStore, { ...options, test: (name, run) => laws.set(name, run) });
  return laws;
}

/** Their names, for the test runner that starts them elsewhere. */
export function lawNames(options: Omit<TestStoreOptions, "test"> = {}): readonly string[] {
  const never = (): never => {
    throw new Error("the suite makes a store only when a test runs");
  };
  return [...lawsFor(never, options).keys()];
}
