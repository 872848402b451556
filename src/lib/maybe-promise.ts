/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Tells a promise (of any realm) from a value, so that nothing waits where nothing is asynchronous. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  if (value instanceof Promise) return true;
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
