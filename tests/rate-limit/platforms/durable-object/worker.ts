import { type LimitCheck, type Policy, policy, type RateLimitStore } from "../../../../src/index.ts";
import { durableObjectStore, type RateLimiterNamespace } from "../../../../src/rate-limit/stores/durable-object.ts";
import { lawsFor } from "../laws.ts";

export * from "./classes.ts";

type Env = Readonly<Record<string, RateLimiterNamespace>>;

interface Asked {
  readonly object?: string;
  readonly identity?: string;
  readonly law?: string;
  readonly clock?: "caller" | "server";
  readonly checks?: readonly LimitCheck[];
  readonly times?: number;
  readonly abortAfterMs?: number;
  readonly onUnavailable?: "local" | "open" | "closed";
}

/** Thirty years, in which every window of the suite fits a whole number of times. */
const wholeWindowsMs = 30 * 366 * 86_400_000;
const realNow = Date.now;
let calls = 0;

function storeOf(env: Env, object = "WATCHED"): RateLimitStore {
  const namespace = env[object];
  if (namespace === undefined) throw new Error(`no namespace ${object}`);
  const counted: RateLimiterNamespace = {
    idFromName: (name) => namespace.idFromName(name),
    get(id) {
      calls++;
      return namespace.get(id);
    },
  };
  // A machine that runs 500 requests at once may be slow; what an outage is, only the other objects show.
  return durableObjectStore(counted, object === "WATCHED" ? { timeoutMs: 20_000 } : {});
}

/**
 * The object counts by its own clock. It runs in this isolate, so that its clock can be told what the caller's is: so much
 * later, and in a time that has passed all alarms come at once, again and again.
 */
function withTheCallersClock(store: RateLimitStore, aheadMs: number): RateLimitStore {
  const at = (nowMs: number): void => {
    Date.now = () => nowMs + aheadMs;
  };
  return {
    ...store,
    consume(checks, options) {
      at(options.nowMs);
      return store.consume(checks, options);
    },
    refund(checks, options) {
      at(options.nowMs);
      return store.refund?.(checks, options);
    },
  };
}

async function runLaw(env: Env, { law = "", clock = "server" }: Asked): Promise<unknown> {
  // Random operations are to be disturbed by alarms; the windows of the other tests begin as they would without.
  const aheadMs = law.includes("random operations") ? 0 : wholeWindowsMs;
  const makeStore = (): RateLimitStore =>
    clock === "caller" ? withTheCallersClock(storeOf(env), aheadMs) : storeOf(env);
  try {
    await lawsFor(makeStore, { clock, operations: 1000 }).get(law)?.();
    return "holds";
  } finally {
    Date.now = realNow;
  }
}

async function consume(env: Env, { object, checks = [], times = 1, abortAfterMs }: Asked): Promise<unknown> {
  const store = storeOf(env, object);
  const options = {
    nowMs: 0, // it has a clock of its own
    ...(abortAfterMs !== undefined && { signal: AbortSignal.timeout(abortAfterMs) }),
  };
  calls = 0;
  const verdicts = await Promise.all(Array.from({ length: times }, () => store.consume(checks, options)));
  return { calls, verdicts };
}

async function objectOf(env: Env, { object = "WATCHED", identity = "" }: Asked, path: string): Promise<unknown> {
  const namespace = env[object];
  const id = namespace?.idFromName(`mantlet:${JSON.stringify(identity)}`);
  return (await namespace?.get(id).fetch(`https://object.invalid${path}`, { method: "POST", body: "" }))?.json();
}

/** One policy for each namespace and outage, made with the first request. */
const policies = new Map<string, Policy>();
function policyOf(env: Env, object: string, onUnavailable: "local" | "open" | "closed"): Policy {
  const key = `${object} ${onUnavailable}`;
  const limit = { name: onUnavailable, limit: 50, windowSeconds: 3600, onUnavailable };
  const made = policies.get(key) ?? policy({ store: storeOf(env, object), rateLimit: limit, onEvent: () => {} });
  policies.set(key, made);
  return made;
}

async function answer(request: Request, env: Env): Promise<unknown> {
  const asked: Asked = JSON.parse(await request.text());
  switch (new URL(request.url).pathname) {
    case "/law":
      return runLaw(env, asked);
    case "/consume":
      return consume(env, asked);
    case "/refund":
      return storeOf(env, asked.object).refund?.(asked.checks ?? [], { nowMs: 0 });
    case "/abort":
      return objectOf(env, asked, "/abort").then(
        () => "goes on",
        () => "ended",
      );
    default:
      return objectOf(env, asked, "/stored");
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/api") {
      const onUnavailable = (searchParams.get("onUnavailable") ?? "closed") as "local" | "open" | "closed"; // by the tests alone
      const api = policyOf(env, searchParams.get("object") ?? "WATCHED", onUnavailable);
      const clientIp = request.headers.get("x-test-address") ?? "192.0.2.1";
      return api.run(request, { clientIp }, () => Response.json({ status: "ok" }));
    }
    try {
      return Response.json((await answer(request, env)) ?? null);
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
