import { z } from "zod";
import {
  bindingStore,
  durableObjectStore,
  type RateLimitBinding,
  RateLimiter,
  type RateLimiterNamespace,
  type RateLimiterState,
  worker,
} from "../../../adapters/cloudflare.ts";
import { policy } from "../../../src/index.ts";

export interface Env {
  readonly SECRET: string;
  readonly LIMITER: RateLimiterNamespace;
  readonly THREE: RateLimitBinding;
}
interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
  passThroughOnException(): void;
}
type Fetch = (request: Request, env: Env, executionCtx: ExecutionContext) => Promise<Response>;

/** The class that counts; a test may ask whether it will wake to clean up. */
export class Limiter extends RateLimiter {
  readonly #state: RateLimiterState;

  constructor(state: RateLimiterState) {
    super(state);
    this.#state = state;
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/alarm") return super.fetch(request);
    return Response.json(await this.#state.storage.getAlarm());
  }
}

/** All of it is made at module scope, where Workers allow computation and nothing else. */
let made = 0;
let failing = true;
const silent = (): void => undefined;
const plain = policy({ rateLimit: { limit: 1_000_000, windowSeconds: 60 }, onEvent: silent });
const stored = (env: Env) =>
  policy({
    store: durableObjectStore(env.LIMITER, { timeoutMs: 30_000 }),
    rateLimit: { limit: 100, windowSeconds: 3600 },
    onEvent: silent,
  });
const rough = (env: Env) =>
  policy({
    store: bindingStore(env.THREE),
    rateLimit: { limit: 3, windowSeconds: 60, algorithm: "fixed-window" },
    onEvent: silent,
  });

const routes: Readonly<Record<string, Fetch>> = {
  "/context": worker(plain, (_request, { clientIp, env, executionCtx }) => {
    const { SECRET } = env as Env; // a policy says nothing of the environment
    return Response.json({ clientIp, SECRET, executionCtx: executionCtx.constructor.name });
  }),
  "/made": worker(
    (env: Env) => policy({ headers: { extra: { "X-Made": `${++made} with ${env.SECRET}` } }, onEvent: silent }),
    () => Response.json(made),
  ),
  "/fails-first": worker(
    (env: Env) => {
      if (failing) {
        failing = false;
        throw new Error(`the secret is ${env.SECRET}`);
      }
      return plain;
    },
    () => Response.json("ok"),
  ),
  "/note": worker(plain, { methods: ["POST"], body: z.object({ text: z.string() }) }, (_request, { body }) =>
    Response.json(body.text),
  ),
  "/later": worker(plain, (request, { waitUntil }) => {
    const [first = "", second = ""] = new URL(request.url).searchParams.getAll("url");
    waitUntil(fetch(first).then(() => fetch(second)));
    return new Response(null, { status: 202 });
  }),
  "/counted": worker(stored, () => Response.json("ok")),
  "/rough": worker(rough, () => Response.json("ok")),
};

async function alarmOf(env: Env): Promise<Response> {
  const object = env.LIMITER.get(env.LIMITER.idFromName('mantlet:"127.0.0.1"'));
  const response = await object.fetch("https://object.invalid/alarm", { method: "POST", body: "" });
  return Response.json(await response.json());
}

export default {
  async fetch(request: Request, env: Env, executionCtx: ExecutionContext): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/alarm") return alarmOf(env);
    return routes[pathname]?.(request, env, executionCtx) ?? new Response(null, { status: 404 });
  },
};
