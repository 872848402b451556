import type { Verdict } from "./store.ts";

/** What is said of a limit that nobody counts: no numbers are invented. */
export const unknownVerdict: Verdict = { allowed: true, remaining: null, retryAfterMs: 0, resetMs: null };
