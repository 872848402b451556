import type { CheckOutcome, Extended, FactsOf, KeptFacts, WithConfig } from "./config.ts";
import type { AnySchema } from "./content/standard-schema.ts";
import type { Requirements } from "./requirements.ts";
import type {
  Added,
  Anonymous,
  AuthState,
  FetchHandler,
  Flat,
  Handler,
  Identity,
  Platform,
  PlatformTraits,
  RequestContext,
  ScopeOf,
  Tightened,
} from "./types.ts";

type AsState<T> = T extends AuthState ? T : never;

/** The context that handlers of a policy get. */
export type ContextOf<P> = P extends Policy<infer Auth, infer Facts> ? RequestContext & Added<Auth, Facts> : never;

/** A handler whose requirements are compiled, for adapters. */
export interface Prepared {
  /**
   * Which policy it is: the same for all of its handlers. Where handlers nest, an adapter keeps under it the context that
   * the policy gave for a request.
   */
  readonly policy: symbol;
  /** Runs the policy and the handler for one request. It never rejects, but where `answerThrown` says so. */
  readonly run: (request: Request, platform: Platform, ...native: readonly unknown[]) => Promise<Response>;
  /**
   * Holds a request that is with another handler of the same policy to these requirements, for frameworks in which
   * handlers nest. It takes the steps that the policy has not taken yet, and none twice: who was let in unknown is
   * authenticated now. What it finds is in the context afterwards. The fields of the response are still written by the
   * policy's exit when that other handler answers.
   *
   * @param context - The context that the other handler got; throws `TypeError` for that of another policy, or a copy.
   * @param request - The request as that handler has it now.
   */
  readonly tighten: (context: RequestContext, request: Request) => Promise<Tightening>;
}

/** What became of a request that was held to a handler's requirements. */
export interface Tightening {
  /** What is to be answered instead of the handler; `undefined` when it may be called. */
  readonly refusal: Response | undefined;
  /** The request for the handler. With `rawBody`, its body can be read again. */
  readonly request: Request;
}

/** Compiles a handler's requirements once, for adapters that know more of a request than its arguments say. */
export interface Prepare<Auth extends AuthState, Facts> {
  /** For a handler that asks for nothing more than the policy. */
  <Native extends readonly unknown[] = readonly unknown[]>(
    handler: Handler<RequestContext & Added<Auth, Facts>, Native>,
  ): Prepared;
  /** The same, for a handler that asks for more than the policy. Throws `ConfigError` when the requirements have mistakes. */
  <
    const Scope extends ScopeOf<Auth> = never,
    const Required extends "required" = never,
    Decision extends boolean = never,
    Body extends AnySchema = never,
    Query extends AnySchema = never,
    Params extends AnySchema = never,
    const Raw extends true = never,
    Native extends readonly unknown[] = readonly unknown[],
  >(
    requirements: Requirements<Auth, Scope, Required, Decision, Body, Query, Params, Raw>,
    handler: Handler<
      RequestContext & Added<Tightened<Auth, Scope | Required | Decision>, Facts, Body, Query, Params, Raw>,
      Native
    >,
  ): Prepared;
}

/** A compiled policy: call it with a handler, and it gives a fetch handler. */
export interface Policy<Auth extends AuthState = undefined, Facts = unknown> {
  /** Puts the policy around a handler. Further arguments of the platform pass through. */
  <Native extends readonly unknown[] = readonly unknown[]>(
    handler: Handler<RequestContext & Added<Auth, Facts>, Native>,
  ): FetchHandler<Native>;
  /** The same, for a handler that asks for more than the policy. Throws `ConfigError` when the requirements have mistakes. */
  <
    const Scope extends ScopeOf<Auth> = never,
    const Required extends "required" = never,
    Decision extends boolean = never,
    Body extends AnySchema = never,
    Query extends AnySchema = never,
    Params extends AnySchema = never,
    const Raw extends true = never,
    Native extends readonly unknown[] = readonly unknown[],
  >(
    requirements: Requirements<Auth, Scope, Required, Decision, Body, Query, Params, Raw>,
    handler: Handler<
      RequestContext & Added<Tightened<Auth, Scope | Required | Decision>, Facts, Body, Query, Params, Raw>,
      Native
    >,
  ): FetchHandler<Native>;
  /**
   * Runs the policy and a handler for one request, with what an adapter knows of the platform. It never rejects, but where
   * `answerThrown` says so.
   */
  readonly run: (
    request: Request,
    platform: Platform,
    handler: Handler<RequestContext & Added<Auth, Facts>, readonly []>,
  ) => Promise<Response>;
  /** Compiles a handler's requirements once, for adapters that know more of a request than its arguments say. */
  readonly prepare: Prepare<Auth, Facts>;
  /** The same for a platform that has less, or more, than others. */
  readonly prepareOn: (platform: PlatformTraits) => Prepare<Auth, Facts>;
  /**
   * A new policy with these keys replaced; `routes` are merged, `checks` appended, and the store is kept.
   * Throws `ConfigError` when the result has mistakes.
   */
  readonly with: <
    New extends Identity | Anonymous = never,
    const Off extends "none" = never,
    const O extends string = string,
    const L extends "none" | "optional" = never,
    Outcomes extends readonly CheckOutcome[] | [] = [],
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
  /** The fields that tell clients of limits. */
  readonly rateLimitFields: readonly string[];
  readonly store: string | undefined;
  /** Whether a store gets identities under `keySecret`. */
  readonly keySecret: boolean;
  readonly clientIp: unknown;
  readonly auth: string | undefined;
  /** How many bad credentials an address may send; `"off"` also where there is no `auth`. */
  readonly authFailures: { readonly limit: number; readonly windowSeconds: number } | "off";
  readonly checks: readonly string[];
  readonly requireHttps: boolean;
  /** `undefined` where handlers may take their time. */
  readonly handlerTimeoutMs: number | undefined;
  readonly routes: Readonly<Record<string, unknown>>;
}
