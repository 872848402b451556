export { type TestAdapterOptions, testAdapter } from "./testing/adapter.ts";
export { type AdapterContext, type AdapterHandler, adapterHandlers, adapterPolicy } from "./testing/adapter-app.ts";
export type { SendToApp } from "./testing/adapter-under-test.ts";
export { type ManualClock, manualClock } from "./testing/clock.ts";
export { type RegisterTest, type TestStoreOptions, testStore } from "./testing/store.ts";
