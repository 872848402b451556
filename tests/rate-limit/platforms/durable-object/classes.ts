import {
  RateLimiter,
  type RateLimiterState,
  type RateLimiterStorage,
} from "../../../../src/rate-limit/stores/rate-limiter.ts";

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

/** The state of an object, with a storage that does something else in places. */
function changed(state: ObjectState, changes: Partial<RateLimiterStorage>): ObjectState {
  const { storage } = state;
  return {
    blockConcurrencyWhile: (work) => state.blockConcurrencyWhile(work),
    abort: (reason) => state.abort(reason),
    storage: {
      list: () => storage.list(),
      put: (key, value) => storage.put(key, value),
      delete: (key) => storage.delete(key),
      deleteAll: () => storage.deleteAll(),
      getAlarm: () => storage.getAlarm(),
      setAlarm: (timeMs) => storage.setAlarm(timeMs),
      ...changes,
    },
  };
}

/** One whose alarms come half a second after they were set, if not sooner: too early for most of what is stored. */
export class Hasty extends Watched {
  constructor(state: ObjectState) {
    super(changed(state, { setAlarm: (timeMs) => state.storage.setAlarm(Math.min(timeMs, Date.now() + 500)) }));
  }
}

/** One that finds an alarm, when it begins, that should have come long ago. */
export class Forgotten extends Watched {
  constructor(state: ObjectState) {
    let isFirst = true;
    const getAlarm = async (): Promise<number | null> => {
      if (!isFirst) return state.storage.getAlarm();
      isFirst = false;
      return Date.now() - 61_000;
    };
    super(changed(state, { getAlarm }));
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
    return Response.json([{ allowed: true, remaining: 1, retryAfterMs: 0, resetMs: 0 }], { status: 503 });
  }
}
