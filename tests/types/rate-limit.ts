import { memoryStore, policy, type RateLimitOptions, type RateLimitStore } from "../../src/index.ts";
import { type Equal, holds, ok, read, type Session, session } from "./support.ts";

// without auth: by address, or by a function of verified facts
policy({ rateLimit: { limit: 1, windowSeconds: 1 } });
policy({ rateLimit: { limit: 10, windowSeconds: 60, burst: 5, by: "ip", name: "ip" }, store: memoryStore() });
policy({
  rateLimit: { limit: 1, windowSeconds: 1, by: ({ clientIp, method, path }) => `${clientIp}${method}${path}` },
});
// @ts-expect-error nobody to count
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: "identity" } });
policy({
  rateLimit: [
    { name: "a", limit: 1, windowSeconds: 1 },
    // @ts-expect-error nobody to count, in a list
    { name: "b", limit: 1, windowSeconds: 1, by: "identity" },
  ],
});
// @ts-expect-error nobody to count in a requirement either
policy()({ rateLimit: { name: "a", limit: 1, windowSeconds: 1, by: "identity" } }, ok);
// @ts-expect-error no auth among the facts
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: ({ auth }) => auth.subject } });
// @ts-expect-error what a client may send chooses no bucket
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: ({ headers }) => headers.get("x-key") } });

// with auth
policy({ auth: session, rateLimit: { limit: 1, windowSeconds: 1, by: "identity" } });
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: "identity" }, auth: session });
policy({
  auth: session,
  rateLimit: [
    { name: "ip", limit: 300, windowSeconds: 60 },
    { name: "user", limit: 60, windowSeconds: 60, by: "identity" },
    {
      name: "role",
      limit: 60,
      windowSeconds: 60,
      by: ({ auth }) => {
        holds<Equal<typeof auth, Session>>();
        return auth.role;
      },
    },
  ],
});
policy({ auth: session })({ rateLimit: { name: "heavy", limit: 1, windowSeconds: 1, by: "identity" } }, ok);
policy({ auth: session })({ rateLimit: [{ name: "h", limit: 1, windowSeconds: 1, by: ({ auth }) => auth.role }] }, ok);

// mistakes
// @ts-expect-error no limit
policy({ rateLimit: { windowSeconds: 1 } });
// @ts-expect-error no window
policy({ rateLimit: { limit: 1 } });
// @ts-expect-error the window says its unit
policy({ rateLimit: { limit: 1, window: 1 } });
// @ts-expect-error typo beside valid keys
policy({ rateLimit: { limit: 1, windowSeconds: 1, bursts: 1 } });
// @ts-expect-error a number of seconds, not text
policy({ rateLimit: { limit: 1, windowSeconds: "1m" } });
// @ts-expect-error not a key that a limit counts by
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: "header" } });
// @ts-expect-error a function that knows nobody would put all strangers into one bucket
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: ({ clientIp }) => clientIp } });
// @ts-expect-error a key function does not wait
policy({ rateLimit: { limit: 1, windowSeconds: 1, by: async () => "key" } });

// a limit kept on its own
const shared: RateLimitOptions = { name: "shared", limit: 1, windowSeconds: 1 };
policy({ rateLimit: shared });
policy({ rateLimit: [shared, { ...shared, name: "other" }] });
policy({ auth: session, rateLimit: shared, routes: { "/login": { rateLimit: shared } } });
policy({ auth: session, rateLimit: { ...shared, by: "identity" } });
const byPath: RateLimitOptions = { limit: 1, windowSeconds: 1, by: ({ path }) => path };
policy({ auth: session, rateLimit: byPath });
policy({ rateLimit: byPath });
// @ts-expect-error a limit for any policy knows nobody
const byIdentity: RateLimitOptions = { limit: 1, windowSeconds: 1, by: "identity" };
// @ts-expect-error nor who calls
const byRole: RateLimitOptions = { limit: 1, windowSeconds: 1, by: ({ auth }) => auth.role };
read(byIdentity, byRole);
const ofSession: RateLimitOptions<Session> = { limit: 1, windowSeconds: 1, by: ({ auth }) => auth.role };
policy({ auth: session, rateLimit: ofSession, routes: { "/login": { rateLimit: [ofSession] } } });
// @ts-expect-error it needs an identity
policy({ rateLimit: ofSession });

// one's own store, synchronous or not
const own: RateLimitStore = {
  name: "own",
  capabilities: { algorithms: ["gcra"], exact: true, atomic: true, remaining: false },
  consume: async (checks, { nowMs }) =>
    checks.map(({ limit, cost }) => ({
      allowed: cost <= limit.burst,
      remaining: null,
      retryAfterMs: nowMs % limit.windowMs,
      resetMs: null,
    })),
};
policy({ store: own });
policy({ store: { ...own, consume: () => [] } });
// @ts-expect-error a store says what it can
policy({ store: { name: "own", consume: own.consume } });

// how it counts
policy({ rateLimit: { limit: 1, windowSeconds: 1, algorithm: "fixed-window", align: "clock" } });
policy({
  rateLimit: { limit: 1, windowSeconds: 1, algorithm: "sliding-log", onUnavailable: "closed", mode: "report" },
});
policy({ rateLimit: { limit: 1, windowSeconds: 1, onUnavailable: "local", localShare: 0.25 } });
// @ts-expect-error no algorithm
policy({ rateLimit: { limit: 1, windowSeconds: 1, algorithm: "token-bucket" } });
// @ts-expect-error limits are enforced or reported
policy({ rateLimit: { limit: 1, windowSeconds: 1, mode: "off" } });

// what a request costs: decided before anybody is verified
policy({ rateLimit: { limit: 1, windowSeconds: 1, cost: 0 } });
policy({
  auth: session,
  rateLimit: {
    limit: 9,
    windowSeconds: 1,
    by: ({ auth }) => auth.role,
    cost: (facts) => {
      holds<Equal<typeof facts.clientIp, string | undefined>>();
      return facts.method === "POST" && facts.path === "/" ? 2 : 1;
    },
  },
});
// @ts-expect-error no auth among the facts of a cost
policy({ auth: session, rateLimit: { limit: 1, windowSeconds: 1, cost: ({ auth }) => (auth ? 1 : 2) } });
// @ts-expect-error a cost does not wait
policy({ rateLimit: { limit: 1, windowSeconds: 1, cost: async () => 1 } });
// @ts-expect-error a cost is a number
policy({ rateLimit: { limit: 1, windowSeconds: 1, cost: "1" } });

// by whatever was sent, under a name that says so
policy({
  rateLimit: { limit: 1, windowSeconds: 1, dangerouslyBy: (request) => request.headers.get("x-key") ?? "none" },
});
// @ts-expect-error a field that is missing names no bucket
policy({ rateLimit: { limit: 1, windowSeconds: 1, dangerouslyBy: (request) => request.headers.get("x-key") } });
// @ts-expect-error not a name of a field
policy({ rateLimit: { limit: 1, windowSeconds: 1, dangerouslyBy: "x-key" } });

// what clients are told, and what stores get
policy({ rateLimitFields: ["draft-7", "draft-6", "x-ratelimit"], keySecret: "0123456789abcdef" });
policy({ rateLimitFields: [] });
// @ts-expect-error no family
policy({ rateLimitFields: ["draft-8"] });
// @ts-expect-error a list of families
policy({ rateLimitFields: "draft-11" });
// @ts-expect-error a secret is text
policy({ keySecret: new Uint8Array(16) });
