import { vi } from "vitest";
import { type PolicyEvent, policy } from "../../../src/index.ts";
import { recorder } from "../../lib/harness.ts";
import { type PuppetStore, puppetStore, take } from "./support.ts";

/** A policy over a store whose answers the test gives, closed while the store is down. */
export interface Watched {
  readonly store: PuppetStore;
  readonly events: readonly PolicyEvent[];
  readonly request: () => Promise<Response>;
}

export function watch(timeoutMs?: number): Watched {
  const store = puppetStore(timeoutMs);
  const { events, onEvent } = recorder();
  const api = policy({ store, rateLimit: { limit: 9, windowSeconds: 60, onUnavailable: "closed" }, onEvent });
  return { store, events, request: () => take(api) };
}

/** One request that the store fails. */
export async function fail({ store, request }: Watched): Promise<Response> {
  const answer = request();
  await vi.advanceTimersByTimeAsync(0);
  store.pending.at(-1)?.fail();
  return answer;
}

/** One request that the store admits. */
export async function admit({ store, request }: Watched): Promise<Response> {
  const answer = request();
  await vi.advanceTimersByTimeAsync(0);
  store.pending.at(-1)?.admit();
  return answer;
}

/** Three requests that the store fails. */
export async function open(watched: Watched): Promise<void> {
  for (let count = 0; count < 3; count++) await fail(watched);
}
