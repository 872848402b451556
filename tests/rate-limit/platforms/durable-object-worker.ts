import { type LimitCheck, type Policy, policy, type RateLimitStore } from "../../../src/index.ts";
import { durableObjectStore, type RateLimiterNamespace } from "../../../src/rate-limit/stores/durable-object.ts";
import { RateLimiter, type RateLimiterState } from "../../../src/rate-limit/stores/rate-limiter.ts";
import { lawsFor } from "./laws.ts";

/** What tests do to objects beyond what the store asks of them. */
interface ObjectState extends RateLimiterState {
  abort(reason: string): void;
}

/** The class under test; tests may look at what it has stored, and end it. */
export class Watched extends RateLimiter {
  readonly #state: ObjectState;

  constructor(state: ObjectState) {
    super(state);
    this.#state = state;
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/abort") this.#state.abort("ended by a test");
    if (pathname !== "/stored") return super.fetch(request);
    const { storage } = this.#state;
    return Response.json({ entries: [...(await storage.list())], alarmMs: await storage.getAlarm() });
  }
}

/** The same, as it is where the storage is not SQLite. */
export class WithoutSql extends Watched {}

/** One whose alarms come half a second after they were set, if not sooner: too early for most of what is stored. */
export class Hasty extends Watched {
  constructor(state: ObjectState) {
    const { storage } = state;
    super({
      blockConcurrencyWhile: (work) => state.blockConcurrencyWhile(work),
      abort: (reason) => state.abort(reason),
      storage: {
        list: () => storage.list(),
        put: (key, value) => storage.put(key, value),
        delete: (key) => storage.delete(key),
        deleteAll: () => storage.deleteAll(),
        getAlarm: () => storage.getAlarm(),
        setAlarm: (timeMs) => storage.setAlarm(Math.min(timeMs, Date.now() + 500)),
      },
    });
  }
}

/** Objects that do not answer as they should. */
export class Broken {
  fetch(): Promise<Response> {
    throw new Error("out of order");
  }
}
export class Silent {
  fetch(): Promise<Response> {
    return new Promise((resolve) => setTimeout(() => resolve(Response.json([])), 5000));
  }
}
export class Foreign {
  fetch(): Response {
    return Response.json([{ hello: "world" }]);
  }
}
export class Refusing {
  fetch(): Response {
    return new Response("no", { status: 503 });
  }
}

type Env = Readonly<Record<string, RateLimiterNamespace>>;

interface Asked {
  readonly object?: string;
  readonly identity?: string;
  readonly law?: string;
  readonly clock?: "caller" | "server";
  readonly checks?: readonly LimitCheck[];
  readonly times?: number;
  readonly onUnavailable?: "local" | "open" | "closed";
}

const realNow = Date.now;
let calls = 0;

function storeOf(env: Env, object = "WATCHED"): RateLimitStore {
  const namespace = env[object];
  if (namespace === undefined) throw new Error(`no namespace ${object}`);
  return durableObjectStore({
    idFromName: (name) => namespace.idFromName(name),
    get(id) {
      calls++;
      return namespace.get(id);
    },
  });
}

/** The object counts by its own clock. It runs in this isolate, so that its clock can be told what the caller's is. */
function withTheCallersClock(store: RateLimitStore): RateLimitStore {
  const at = (nowMs: number): void => {
    Date.now = () => nowMs;
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
  const isVirtual = clock === "caller";
  const makeStore = (): RateLimitStore => (isVirtual ? withTheCallersClock(storeOf(env)) : storeOf(env));
  try {
    await lawsFor(makeStore, { clock, operations: 1000 }).get(law)?.();
    return "holds";
  } finally {
    Date.now = realNow;
  }
}

async function consume(env: Env, { object, checks = [], times = 1 }: Asked): Promise<unknown> {
  const store = storeOf(env, object);
  calls = 0;
  const all = await Promise.all(
    Array.from({ length: times }, () => store.consume(checks, { nowMs: 0 })), // it has a clock of its own
  );
  return { calls, verdicts: all };
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
