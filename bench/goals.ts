import type { RuntimeName } from "./harness/runtimes.ts";

export type MeasuredRuntime = RuntimeName | "workerd";

/** What a figure should reach. Times are never a test: a miss is printed, and fails nothing. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** The full stack against the hand-written one with the same fields. */
export const overMinimal: Goal = { atMost: 1.25 };

/** The full stack against a bare `Response.json`. */
export const overRaw: Readonly<Record<MeasuredRuntime, Goal>> = {
  node: { atMost: 3.6 },
  bun: { atMost: 6.5 },
  deno: { atMost: 28 },
  workerd: { atMost: 6.3 },
};

/** How many times cheaper than Hono with the same middleware. */
export const cheaperThanHono: Readonly<Record<MeasuredRuntime, Goal>> = {
  node: { atLeast: 2 },
  bun: { atLeast: 3 },
  deno: { atLeast: 4.5 },
  workerd: { atLeast: 3 },
};

/** Over HTTP: CPU of the server against that of the same server with a bare handler. */
export const overRawServed: Readonly<Partial<Record<MeasuredRuntime, Goal>>> = {
  node: { atMost: 2.3 },
  bun: { atMost: 2.3 },
  deno: { atMost: 5.5 },
};

/** Reading and checking a small JSON body, against `request.json()` and the same schema. */
export const overJson: Goal = { atMost: 1.3 };

/** The same where no object may have a key twice. */
export const overJsonKeysOnce: Goal = { atMost: 2.2 };

/** Verifying a token against jose with an imported key. */
export const overJose: Goal = { atMost: 1.1 };

/** µs for a token that the cache knows. */
export const cachedToken: Goal = { atMost: 4 };

/** kB of heap per request above a bare one. */
export const heap: Goal = { atMost: 5.5 };

/** kB, minified and with gzip. */
export const size = { everything: { atMost: 9.5 }, secure: { atMost: 4 } } as const satisfies Record<string, Goal>;

/** CPU ms of import and first request. */
export const coldStart: Goal = { atMost: 7 };

export const store = {
  bytesPerKey: { atMost: 100 },
  decisionMicros: { atMost: 1.6 },
  newKeysPerSecond: { atLeast: 300_000 },
} as const satisfies Record<string, Goal>;

/** µs for a CORS decision, however long the list. */
export const corsDecision: Goal = { atMost: 0.5 };

export function isReached({ atMost, atLeast }: Goal, figure: number): boolean {
  return figure <= (atMost ?? Number.POSITIVE_INFINITY) && figure >= (atLeast ?? 0);
}
