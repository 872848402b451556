import type { ReservedName } from "./checks.ts";
import type { ClientIpOptions } from "./client-ip/client-ip.ts";
import type { ContentOptions } from "./content/content.ts";
import type { CorsOptions } from "./cors/cors-options.ts";
import type { CrossOriginOptions } from "./cors/cross-origin-options.ts";
import type { OnEvent } from "./events.ts";
import type { HeadersOptions } from "./headers/headers.ts";
import type { MaybePromise } from "./lib/maybe-promise.ts";
import type { Refusal } from "./problem.ts";
import type { AuthFailuresOptions } from "./rate-limit/auth-failures.ts";
import type { RateLimitFieldFamily } from "./rate-limit/fields.ts";
import type { RateLimits } from "./rate-limit/rate-limit.ts";
import type { RateLimitStore } from "./rate-limit/store.ts";
import type { RenderProblem } from "./render-problem.ts";
import type { RequestIdOptions } from "./request-id/request-id.ts";
import type { Added, Anonymous, Authenticator, AuthState, Identity, Loosen, RequestContext } from "./types.ts";

/**
 * What differs for a path, on platforms with one handler for all paths. Without the type of an identity it fits any
 * policy.
 */
export interface RouteOverride<Loosened = "none" | "optional", Auth = AuthState> {
  /** `"none"` never looks at credentials; `"optional"` lets requests without one pass, never one with a bad one. */
  readonly auth?: Loosened;
  /** `"none"`, or limits in place of the policy's. */
  readonly rateLimit?: "none" | RateLimits<Auth>;
  /** In place of the policy's: other media types, another size. */
  readonly content?: ContentOptions;
  /** `"off"` for a webhook, say, that proves its sender otherwise. Exact paths only. */
  readonly crossOrigin?: "off";
  /** `"html"` for pages: a content security policy, unless `headers` has one, under which a simple page works. */
  readonly headers?: "html";
  /** `"shared"` lets shared caches keep what is meant for one caller: the cache guard is off. */
  readonly cache?: "shared";
  /** The methods that exist here; `HEAD` comes with `GET`. Others are 405 with `Allow`. */
  readonly methods?: readonly string[];
}

/**
 * What a check may answer: a refusal, facts under names that the context does not have, or nothing. Neither a boolean nor
 * a `Response`.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a check without a return statement gives void, not undefined
export type CheckOutcome = Refusal | (object & { readonly [Name in ReservedName | "then"]?: never }) | undefined | void;

/** A check of your own, run after authentication and before the handler. */
export interface Check<Context = RequestContext, Outcome = CheckOutcome> {
  /** Its name, for `describe()` and messages. Unique in its list. */
  readonly name: string;
  /**
   * A `Refusal` refuses; an object adds its members to the handler's context; `undefined` adds nothing. Checks of one
   * list do not see each other's facts: one that needs them goes into `api.with({ checks })`.
   */
  readonly check: (request: Request, context: Context) => MaybePromise<Outcome>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a check without a return statement gives void, not undefined
type FactsOfOne<Outcome> = [Exclude<Outcome, Refusal | undefined | void>] extends [infer Facts extends object]
  ? [Facts] extends [never]
    ? unknown
    : undefined extends Outcome
      ? Partial<Facts>
      : Facts
  : unknown;

/** What the checks of a list add to the context. */
export type FactsOf<Outcomes extends readonly unknown[]> = Outcomes extends readonly [infer First, ...infer Rest]
  ? FactsOfOne<First> & FactsOf<Rest>
  : unknown;

/** The part of a configuration that `policy()` and `api.with()` share. */
export interface CommonConfig<Auth, O extends string, Loosened> {
  /** Security fields of responses. `false` switches all off. Default: those of a JSON API. */
  readonly headers?: HeadersOptions | false;
  /** The id of requests. `false` sends no field. Default: a new UUID in `X-Request-ID`. */
  readonly requestId?: RequestIdOptions;
  /** Which origins' pages may read responses (Fetch, "CORS protocol"). Default: none. */
  readonly cors?: CorsOptions<O>;
  /** Whether other origins' pages may send state-changing requests. Default: only those of the CORS list. */
  readonly crossOrigin?: CrossOriginOptions<O>;
  /**
   * What bodies may come and what responses are. Default: bodies of at most 1 MiB of any type; `Accept` is not looked at.
   */
  readonly content?: ContentOptions;
  /** Limits of requests per client. Default: none. */
  readonly rateLimit?: RateLimits<Auth>;
  /**
   * How many bad credentials an address may send before its requests are 429, so that nobody guesses: whatever an
   * authenticator answers with 401, but for missing ones and codes that end in `_expired` or `_not_yet_valid`. Counted in `store` where the policy has a limit by
   * address, else in the memory of each process. `"off"` counts none. Default: 20 in 60 seconds where there is `auth`.
   */
  readonly authFailures?: AuthFailuresOptions | "off";
  /** Where limits are counted. Default: `memoryStore()`. */
  readonly store?: RateLimitStore;
  /**
   * A secret of at least 16 bytes under which a store that counts elsewhere gets the identities of clients, as
   * HMAC-SHA-256 cut to 128 bits. Without it, addresses and subjects are readable in the store's keys. Default: none.
   */
  readonly keySecret?: string;
  /** How clients are told of their limits. Default: `["draft-11", "x-ratelimit"]`. */
  readonly rateLimitFields?: readonly RateLimitFieldFamily[];
  /**
   * Where the client's address comes from: behind proxies, say which to trust. Default: the direct peer of the platform,
   * never a field of the request.
   */
  readonly clientIp?: ClientIpOptions;
  /**
   * Refuses plain http with 403; never redirects, which would teach clients to send credentials in clear. Where no proxy is
   * trusted, the scheme is that of the request's URL, in which a client of @hono/node-server or Deno may write what it
   * likes (RFC 9112 §3.2.2): it keeps honest clients from mistakes. Default: false.
   */
  readonly requireHttps?: boolean;
  /**
   * How long a handler may take until it has its response, in milliseconds: 1 to 2147483647. Then the answer is 503
   * `handler_timeout`, and `context.signal` aborts. Default: no limit. Slow senders are the server's business.
   */
  readonly handlerTimeoutMs?: number;
  /** What differs by path: `"/health"`, or `"/admin/*"` for all below it and itself. The longest match wins; entries never merge. */
  readonly routes?: { readonly [path: `/${string}`]: RouteOverride<Loosened, Auth> };
  /** Emits problems in another shape than RFC 9457; status and fields stay. One that throws is passed over. */
  readonly renderProblem?: RenderProblem;
  /**
   * Answers instead of a handler that threw, with a response or a `problem()`; `undefined` leaves it. It never sees a
   * refusal, nor that a handler stopped because its `signal` aborted. Default: 500 `internal_error`.
   */
  readonly onError?: (error: unknown, context: RequestContext) => MaybePromise<Response | Refusal | undefined>;
  /** Gets every event. Default: errors and outages go to `console.error`, each kind of warning once to `console.warn`. */
  readonly onEvent?: OnEvent;
}

/** The configuration of `policy()`. */
export interface PolicyConfig<
  Auth extends Identity | Anonymous | undefined = undefined,
  O extends string = string,
  Loosened = never,
  Outcomes extends readonly CheckOutcome[] = readonly [],
> extends CommonConfig<NoInfer<Loosen<Auth, Loosened>>, O, Loosened> {
  /** Who verifies callers. Without it, handlers get no `auth`. */
  readonly auth?: Authenticator<Auth & {}>;
  /** Your own checks, in their order. */
  readonly checks?: {
    readonly [Key in keyof Outcomes]: Check<
      RequestContext & Added<NoInfer<Loosen<Auth, Loosened>>, unknown>,
      Outcomes[Key]
    >;
  };
}

/** What a policy verifies after `with`: `A` is the new identity, `"none"`, or `never` where nothing is said about `auth`. */
export type Extended<Auth, A, Loosened> = [A] extends [never]
  ? Loosen<Auth, Loosened>
  : [A] extends ["none"]
    ? undefined
    : Loosen<Exclude<A, "none"> | Extract<Auth, Anonymous>, Loosened>;

/** The configuration of `api.with()`. */
export interface WithConfig<Auth, Facts, New, Off, O extends string, Loosened, Outcomes extends readonly CheckOutcome[]>
  extends CommonConfig<NoInfer<Extended<Auth, New | Off, Loosened>>, O, Loosened> {
  /** Another authenticator, or `"none"`. On a policy with checks it must come with new `checks`, which replace the old ones. */
  readonly auth?: Authenticator<New & (Identity | Anonymous)> | Off;
  /** Checks added to the policy's; they see its facts. */
  readonly checks?: {
    readonly [Key in keyof Outcomes]: Check<
      RequestContext & Added<NoInfer<Extended<Auth, New | Off, Loosened>>, KeptFacts<Facts, New | Off, Loosened>>,
      Outcomes[Key]
    >;
  };
}

/** The facts of a policy after `with`: those of checks that were written for another identity are gone. */
export type KeptFacts<Facts, A, Loosened> = [A] extends [never]
  ? [Loosened] extends [never]
    ? Facts
    : unknown
  : unknown;
