import type {
  DurableObjectNamespace,
  DurableObjectState,
  DurableObject as PlatformObject,
  RateLimit,
} from "@cloudflare/workers-types";
import { policy } from "../../src/index.ts";
import { bindingStore, type RateLimitBinding } from "../../src/rate-limit/stores/binding.ts";
import { type DenoKv, denoKvStore } from "../../src/rate-limit/stores/deno-kv.ts";
import { durableObjectStore } from "../../src/rate-limit/stores/durable-object.ts";
import { RateLimiter } from "../../src/rate-limit/stores/rate-limiter.ts";
import { type Equal, holds, read } from "./support.ts";

// an Env as users write it, and as `wrangler types` does
interface Env {
  readonly LIMITER: DurableObjectNamespace<RateLimiter>;
  readonly UNTYPED: DurableObjectNamespace;
  readonly TEN: RateLimit;
  readonly THREE: RateLimit;
  readonly SECRET: string;
}
declare const env: Env;

policy({ store: durableObjectStore(env.LIMITER) });
policy({ store: durableObjectStore(env.UNTYPED, { prefix: "shop", timeoutMs: 500 }) });
policy({ store: durableObjectStore(env.LIMITER.jurisdiction("eu")) });
// @ts-expect-error a secret is no namespace
durableObjectStore(env.SECRET);
// @ts-expect-error nor is a rate limiting binding
durableObjectStore(env.TEN);
// @ts-expect-error nor one of its objects
durableObjectStore(env.LIMITER.get(env.LIMITER.idFromName("a")));
// @ts-expect-error an option that is none
durableObjectStore(env.LIMITER, { location: "weur" });
// @ts-expect-error milliseconds are a number
durableObjectStore(env.LIMITER, { timeoutMs: "250" });

// the class is a Durable Object to the platform, and its stub has no methods to call but fetch
declare const state: DurableObjectState;
const object: PlatformObject = new RateLimiter(state, env) as unknown as PlatformObject; // its Request is not that of the DOM
read(object);
class Extended extends RateLimiter {
  constructor(own: DurableObjectState, bindings: Env) {
    super(own, bindings);
    read(bindings.SECRET);
  }
}
read(Extended);
holds<Equal<RateLimiter["__DURABLE_OBJECT_BRAND"], never>>();
// @ts-expect-error what it counts is its own
read(new RateLimiter(state).stored);

policy({ store: bindingStore(env.TEN) });
policy({ store: bindingStore({ ten: env.TEN, three: env.THREE }, { timeoutMs: 100 }) });
// @ts-expect-error a namespace is no rate limiting binding
bindingStore(env.LIMITER);
// @ts-expect-error nor is one among others
bindingStore({ ten: env.TEN, objects: env.LIMITER });
// @ts-expect-error the period stands in the configuration of the Worker
bindingStore(env.TEN, { periodSeconds: 60 });
const own: RateLimitBinding = { limit: async ({ key }) => ({ success: key !== "" }) };
policy({ store: bindingStore(own) });

// Deno's own types are checked by Deno, in tests/rate-limit/platforms
declare const kv: DenoKv;
policy({ store: denoKvStore(kv, { prefix: "shop", timeoutMs: 500 }) });
// @ts-expect-error the promise of a database is none
denoKvStore(Promise.resolve(kv));
// @ts-expect-error reads are always strong
denoKvStore(kv, { consistency: "eventual" });
