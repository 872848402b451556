export { step, unstep } from "../rate-limit/algorithms/algorithms.ts";
export type { LimitState, Remembered, Step } from "../rate-limit/algorithms/state.ts";
export {
  type CompareAndSetStoreOptions,
  fromCompareAndSet,
  type Versioned,
  type VersionedWrite,
} from "../rate-limit/from-compare-and-set.ts";
export { type FromScriptOptions, fromScript, type RunScript } from "../rate-limit/from-script.ts";
export { fromTransaction, type Transaction, type TransactionStoreOptions } from "../rate-limit/from-transaction.ts";
export { keyOf } from "../rate-limit/key.ts";
export type {
  ConsumeOptions,
  Limit,
  LimitCheck,
  RateLimitAlgorithm,
  RateLimitStore,
  Verdict,
} from "../rate-limit/store.ts";
