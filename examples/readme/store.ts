import { policy, type RateLimitStore } from "mantlet";

/** Counts nothing, admits everything: the smallest store. */
const open: RateLimitStore = {
  name: "open",
  capabilities: { algorithms: ["gcra"], exact: false, atomic: false, remaining: false },
  consume: (checks) => checks.map(() => ({ allowed: true, remaining: null, retryAfterMs: 0, resetMs: null })),
};

export const api = policy({ rateLimit: { limit: 300, windowSeconds: 60 }, store: open });
