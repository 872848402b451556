import { vi } from "vitest";
import { type LimitCheck, memoryStore, type Policy, type RateLimitStore, type Verdict } from "../../../src/index.ts";
import { get, ok } from "../../lib/harness.ts";

/** A time that begins no minute, hour or day. */
export const now = 1_763_769_601_234;
export const at = { clientIp: "192.0.2.1" };

export function take(api: Pick<Policy, "run">, request = get(), clientIp = at.clientIp): Promise<Response> {
  return api.run(request, { clientIp }, ok);
}

/** The statuses of requests of one client. */
export async function statuses(api: Pick<Policy, "run">, count: number): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index++) seen.push((await take(api)).status);
  return seen;
}

export function setTime(afterMs: number): void {
  vi.setSystemTime(now + afterMs);
}

/** A store over memory that notes what it is asked, and may be as far away as a server. */
export interface RecordingStore extends RateLimitStore {
  readonly asked: (readonly LimitCheck[])[];
  readonly identities: () => readonly string[];
}

export function recordingStore(timeoutMs?: number): RecordingStore {
  const memory = memoryStore();
  const asked: (readonly LimitCheck[])[] = [];
  return {
    ...memory,
    name: "recording",
    ...(timeoutMs !== undefined && { timeoutMs }),
    asked,
    identities: () => asked.flat().map(({ identity }) => identity),
    consume(checks, options) {
      asked.push(checks);
      return memory.consume(checks, options);
    },
  };
}

/** A distant store whose answers the test gives, one by one. */
export interface PuppetStore extends RateLimitStore {
  readonly pending: {
    readonly signal: AbortSignal | undefined;
    readonly admit: () => void;
    readonly fail: () => void;
  }[];
  readonly asked: () => number;
}

export function puppetStore(timeoutMs = 250): PuppetStore {
  const pending: PuppetStore["pending"][number][] = [];
  let asked = 0;
  return {
    name: "puppet",
    capabilities: { algorithms: ["gcra"], exact: true, atomic: true, remaining: true },
    timeoutMs,
    pending,
    asked: () => asked,
    consume(checks, { signal }) {
      asked++;
      return new Promise((resolve, reject) => {
        pending.push({
          signal,
          admit: () => resolve(checks.map(() => admitted)),
          fail: () => reject(new Error("down")),
        });
      });
    },
  };
}

const admitted: Verdict = { allowed: true, remaining: 77, retryAfterMs: 0, resetMs: 1000 };
