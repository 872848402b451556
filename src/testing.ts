export { type ManualClock, manualClock } from "./testing/clock.ts";
export { type RegisterTest, type TestStoreOptions, testStore } from "./testing/store.ts";
