import type { ClientIpOptions } from "./client-ip/client-ip.ts";
import type { ContentOptions } from "./content/content.ts";
import type { DescribeIssue } from "./content/schemas.ts";
import type { AnySchema } from "./content/standard-schema.ts";
import type { CorsOptions } from "./cors/cors-options.ts";
import type { CrossOriginOptions } from "./cors/cross-origin-options.ts";
import type { OnEvent } from "./events.ts";
import type { HeadersOptions } from "./headers/headers.ts";
import type { MaybePromise } from "./lib/maybe-promise.ts";
import type { Refusal, RenderProblem } from "./problem.ts";
import type { RateLimitFieldFamily } from "./rate-limit/fields.ts";
import type { RateLimits } from "./rate-limit/rate-limit.ts";
import type { RateLimitStore } from "./rate-limit/store.ts";
import type { RequestIdOptions } from "./request-id/request-id.ts";
import type {
  Added,
  Anonymous,
  Authenticator,
  AuthState,
  FetchHandler,
  Flat,
  Handler,
  Identity,
  Loosen,
  Platform,
  RequestContext,
  ThisPolicyHasNoAuth,
  Tightened,
  Verified,
} from "./types.ts";

/** What one handler asks for beyond its policy. It can only tighten: a requirement beats every route override. */
export interface Requirements<Auth, Required, Decision, Body = never, Query = never, Params = never, Raw = never> {
  /** `"required"`: the handler is never called for nobody, whatever a route override says. */
  readonly auth?: [Auth] extends [undefined] ? ThisPolicyHasNoAuth : Required;
  /** Whether this verified caller may: anything but `true` is 403 `forbidden`. Implies `auth: "required"`. */
  readonly check?: [Auth] extends [undefined]
    ? ThisPolicyHasNoAuth
    : (auth: Verified<Auth>, request: Request) => MaybePromise<Decision>;
  /** The methods that the handler serves; `HEAD` comes with `GET`. Others are 405 with `Allow`. Default: all but TRACE and CONNECT. */
  readonly methods?: readonly string[];
  /** Limits added to the policy's. Each needs a name. */
  readonly rateLimit?: RateLimits<Auth>;
  /**
   * The schema of a JSON body, any Standard Schema. It implies `Content-Type: application/json` (415) unless the policy's
   * `content` says otherwise. What it gives is `context.body`; what it finds is 422 `invalid_body`.
   */
  readonly body?: Body;
  /**
   * The schema of the query: an object with a string for each name, or a list where a name is repeated. What it gives
   * is `context.query`; what it finds is 400 `invalid_query`.
   */
  readonly query?: Query;
  /** The schema of the path's parameters. What it gives is `context.params`; what it finds is 400 `invalid_params`. */
  readonly params?: Params;
  /** The exact bytes of the body in `context.rawBody`, for signatures; the request's own body stays readable. Default: false. */
  readonly rawBody?: Raw;
  /** What clients read of an issue that a schema found, in place of the schema's message: at most 200 characters. */
  readonly describeIssue?: DescribeIssue;
}

/** What differs for a path, on platforms with one handler for all paths. */
export interface RouteOverride<Loosened = "none" | "optional"> {
  /** `"none"` never looks at credentials; `"optional"` lets requests without one pass, never one with a bad one. */
  readonly auth?: Loosened;
  /** `"none"`, or limits in place of the policy's. */
  readonly rateLimit?: "none" | RateLimits;
  /** In place of the policy's: other media types, another size. */
  readonly content?: ContentOptions;
  /** `"off"` for a webhook, say, that proves its sender otherwise. Exact paths only. */
  readonly crossOrigin?: "off";
  /** `"html"` for pages: a content security policy under which a simple page works. */
  readonly headers?: "html";
  /** `"shared"` lets shared caches keep what is meant for one caller: the cache guard is off. */
  readonly cache?: "shared";
  /** The methods that exist here; `HEAD` comes with `GET`. Others are 405 with `Allow`. */
  readonly methods?: readonly string[];
}

/** A check of your own, run after authentication and before the handler. */
export interface Check<Context = RequestContext, Outcome = unknown> {
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
  /** Refuses plain http with 403; never redirects, which would teach clients to send credentials in clear. Default: false. */
  readonly requireHttps?: boolean;
  /**
   * How long a handler may take until it has its response, in milliseconds: 1 to 2147483647. Then the answer is 503
   * `handler_timeout`, and `context.signal` aborts. Default: no limit. Slow senders are the server's business.
   */
  readonly handlerTimeoutMs?: number;
  /** What differs by path: `"/health"`, or `"/admin/*"` for all below it and itself. The longest match wins; entries never merge. */
  readonly routes?: { readonly [path: `/${string}`]: RouteOverride<Loosened> };
  /** Emits problems in another shape than RFC 9457; status and fields stay. One that throws is passed over. */
  readonly renderProblem?: RenderProblem;
  /** Answers instead of a handler that threw. It never sees a refusal. Default: 500 `internal_error`. */
  readonly onError?: (error: unknown, context: RequestContext) => MaybePromise<Response | undefined>;
  /** Gets every event. Default: errors and outages go to `console.error`, each kind of warning once to `console.warn`. */
  readonly onEvent?: OnEvent;
}

/** The configuration of `policy()`. */
export interface PolicyConfig<
  Auth extends Identity | undefined = undefined,
  O extends string = string,
  Loosened = never,
  Outcomes extends readonly unknown[] = readonly [],
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

/** The identity that an authenticator gives. */
export type IdentityOf<A> = A extends Authenticator<infer I> ? I : never;

/** The configuration of `api.with()`. */
export interface WithConfig<Auth, Facts, New, Off, O extends string, Loosened, Outcomes extends readonly unknown[]>
  extends CommonConfig<NoInfer<Extended<Auth, New | Off, Loosened>>, O, Loosened> {
  /** Another authenticator, or `"none"`. On a policy with checks it must come with new `checks`, which replace the old ones. */
  readonly auth?: Authenticator<New & Identity> | Off;
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

type AsState<T> = T extends AuthState ? T : never;

/** The context that handlers of a policy get. */
export type ContextOf<P> = P extends Policy<infer Auth, infer Facts> ? RequestContext & Added<Auth, Facts> : never;

/** A handler whose requirements are compiled, for adapters. */
export interface Prepared {
  /** Runs the policy and the handler for one request. It never rejects. */
  readonly run: (request: Request, platform: Platform, ...native: readonly unknown[]) => Promise<Response>;
}

/** A compiled policy: call it with a handler, and it gives a fetch handler. */
export interface Policy<Auth extends AuthState = undefined, Facts = unknown> {
  /** Puts the policy around a handler. Further arguments of the platform pass through. */
  <Native extends readonly unknown[] = readonly unknown[]>(
    handler: Handler<RequestContext & Added<Auth, Facts>, Native>,
  ): FetchHandler<Native>;
  /** The same, for a handler that asks for more than the policy. Throws `ConfigError` when the requirements have mistakes. */
  <
    const Required extends "required" = never,
    Decision extends boolean = never,
    Body extends AnySchema = never,
    Query extends AnySchema = never,
    Params extends AnySchema = never,
    const Raw extends true = never,
    Native extends readonly unknown[] = readonly unknown[],
  >(
    requirements: Requirements<Auth, Required, Decision, Body, Query, Params, Raw>,
    handler: Handler<
      RequestContext & Added<Tightened<Auth, Required | Decision>, Facts, Body, Query, Params, Raw>,
      Native
    >,
  ): FetchHandler<Native>;
  /** Runs the policy and a handler for one request, with what an adapter knows of the platform. It never rejects. */
  readonly run: (
    request: Request,
    platform: Platform,
    handler: Handler<RequestContext & Added<Auth, Facts>, readonly []>,
  ) => Promise<Response>;
  /** Compiles requirements once, for adapters that know more of a request than its arguments say. */
  readonly prepare: <
    const Required extends "required" = never,
    Decision extends boolean = never,
    Body extends AnySchema = never,
    Query extends AnySchema = never,
    Params extends AnySchema = never,
    const Raw extends true = never,
    Native extends readonly unknown[] = readonly unknown[],
  >(
    requirements: Requirements<Auth, Required, Decision, Body, Query, Params, Raw>,
    handler: Handler<
      RequestContext & Added<Tightened<Auth, Required | Decision>, Facts, Body, Query, Params, Raw>,
      Native
    >,
  ) => Prepared;
  /**
   * A new policy with these keys replaced; `routes` are merged, `checks` appended, and the store is kept.
   * Throws `ConfigError` when the result has mistakes.
   */
  readonly with: <
    New extends Identity = never,
    const Off extends "none" = never,
    const O extends string = string,
    const L extends "none" | "optional" = never,
    Outcomes extends readonly unknown[] | [] = [],
  >(
    config: WithConfig<Auth, Facts, New, Off, O, L, Outcomes>,
  ) => Policy<NoInfer<AsState<Extended<Auth, New | Off, L>>>, Flat<KeptFacts<Facts, New | Off, L> & FactsOf<Outcomes>>>;
  /** The policy as plain data, without secrets: put it into a snapshot test, and a weakened policy shows in review. */
  readonly describe: () => PolicyDescription;
}

/** What `describe()` gives. It can be serialized as JSON. */
export interface PolicyDescription {
  readonly headers: Readonly<Record<string, string>> | false;
  readonly removedHeaders: readonly string[];
  readonly requestId: { readonly header: string | false; readonly inbound: "ignore" | "accept" };
  readonly cors: unknown;
  readonly crossOrigin: unknown;
  readonly content: unknown;
  readonly rateLimit: unknown;
  readonly store: string | undefined;
  readonly clientIp: unknown;
  readonly auth: string | undefined;
  readonly checks: readonly string[];
  readonly requireHttps: boolean;
  readonly routes: Readonly<Record<string, unknown>>;
}
