import type { AnySchema, InferOutput } from "./content/standard-schema.ts";
import type { MaybePromise } from "./lib/maybe-promise.ts";
import type { Refusal } from "./problem.ts";

/** Flattens an intersection, so that an editor shows one object. */
export type Flat<T> = { [Key in keyof T]: T[Key] } & {};

/** Somebody who was verified. */
export interface Identity<Method extends string = string, Scope extends string = string> {
  /** How it was verified, for example `"jwt"`. Narrows a union of identities. */
  readonly method: Method;
  /** Who it is: unique within the method, and within the issuer where there is one. */
  readonly subject: string;
  /** Who vouches for the subject, for methods with several such parties. */
  readonly issuer?: string;
  /** What it may do. */
  readonly scopes: ReadonlySet<Scope>;
}

/** Nobody was verified: a route that switches authentication off, or makes it optional and got no credential. */
export interface Anonymous {
  readonly method: "anonymous";
  readonly subject: null;
  /** Always empty. */
  readonly scopes: ReadonlySet<never>;
}

/** What a policy knows of the caller: `undefined` for a policy without `auth`. */
export type AuthState = Identity | Anonymous | undefined;

/** The identities in `Auth`, without `Anonymous`. */
export type Verified<Auth> = Exclude<Auth, Anonymous | undefined>;

/** The scopes that a requirement may name: those that the authenticator declares, or any text where it declares none. */
export type ScopeOf<Auth> = [Auth] extends [undefined]
  ? ThisPolicyHasNoAuth
  : Verified<Auth> extends { readonly scopes: ReadonlySet<infer Scope extends string> }
    ? Scope
    : never;

/** What a handler may rely on when its requirements ask for an identity. */
export type Tightened<Auth, Asked> = [Asked] extends [never] ? Auth : Exclude<Auth, Anonymous>;

/** What a policy whose routes loosen authentication knows of the caller. */
export type Loosen<Auth, Loosened> = [Auth] extends [undefined]
  ? undefined
  : [Loosened] extends [never]
    ? Auth
    : Auth | Anonymous;

/**
 * What every handler, check and authenticator gets. Read its members, also by destructuring; a spread does not copy
 * those that are worked out only when they are asked for.
 */
export interface RequestContext {
  /** The id of this request: in the response's `X-Request-ID`, in problem bodies and in events. */
  readonly requestId: string;
  /** The trace id of a valid `traceparent` field (W3C Trace Context §3.2), for logs. It is the client's word. */
  readonly traceId: string | undefined;
  /**
   * The address of the client, without port and zone: the peer's, or what trusted proxies say of it (`clientIp`).
   * `undefined` where it cannot be known.
   */
  readonly clientIp: string | undefined;
  /**
   * Aborts when the client is gone, where the platform says so, and when `handlerTimeoutMs` has passed. Deno aborts it
   * after each response too, unless it runs with `--unstable-no-legacy-abort`.
   */
  readonly signal: AbortSignal;
  /**
   * Keeps the platform alive until `work` has settled, where it can be. A rejection becomes a `handler_error` event; that
   * of an authenticator with an error whose `code` is `keys_stale` becomes an `auth_unavailable` event of this code.
   */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

type Part<Key extends string, Schema> = [Schema] extends [never]
  ? unknown
  : { readonly [K in Key]: Schema extends AnySchema ? InferOutput<Schema> : never };

/** The part of a context that authentication adds. */
export type AuthPart<Auth> = [Auth] extends [undefined] ? unknown : { readonly auth: Auth };

/** What a policy adds to `RequestContext`: one flat object, so that an editor shows it and not how it was made. */
export type Added<Auth, Facts, Body = never, Query = never, Params = never, Raw = never> = Flat<
  AuthPart<Auth> &
    Facts &
    Part<"body", Body> &
    Part<"query", Query> &
    Part<"params", Params> &
    ([Raw] extends [never] ? unknown : { readonly rawBody: Uint8Array<ArrayBuffer> })
>;

/** The user's code behind a policy. It answers with a `Response`, or with a `Refusal` made by `problem()`. */
export type Handler<Context, Native extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  context: Context,
  ...native: Native
) => MaybePromise<Response | Refusal>;

/** A handler with its policy around it. Further arguments of the platform pass through to the handler. */
export type FetchHandler<Native extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...native: Native
) => Promise<Response>;

/** What an adapter knows of the request that `Request` does not say. */
export interface Platform {
  /** The address of the peer. Trusted: an adapter takes it from the platform, never from a field that a client may send. */
  readonly clientIp?: string | undefined;
  /** The parameters of the path, as the platform's router found them. */
  readonly params?: Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>> | undefined;
  /** The platform's own way to finish work after the response. It may throw where it cannot: the work runs all the same. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Makes a request of the platform's own class, where it has one: for handlers whose request gets another body. What it
   * leaves out of what the platform added is read from the request that came, which is its last argument.
   */
  readonly createRequest?: ((url: string, init: RequestInit, request: Request) => Request) | undefined;
  /**
   * What a thrown value stands for, where the platform answers by throwing: an answer, or a status alone, 400 to 599,
   * for the problem of that status. `"rethrow"` lets out what the platform must see itself. `undefined` for an error.
   */
  readonly answerThrown?:
    | ((thrown: unknown, request: Request) => Response | Refusal | number | "rethrow" | undefined)
    | undefined;
}

/** What an adapter knows of its platform before requests come. */
export interface PlatformTraits {
  /**
   * Whether the platform knows who connects. With `false`, a limit by address that would never act is a `ConfigError`.
   * Default: true.
   */
  readonly knowsPeer?: boolean;
  /** Whether handlers get `Platform.params` in their context, where no schema reads them. Default: false. */
  readonly findsParams?: boolean;
}

/**
 * Verifies callers. Write your own: an object with these members; `optional()` and `anyOf()` combine them.
 *
 * Authentication is chosen by which credential is present, so `present` must say so without verifying anything.
 */
export interface Authenticator<I extends Identity | Anonymous = Identity> {
  /** Its name, for `describe()` and messages. Where identities come of one method only, the name of that method. */
  readonly name: string;
  /**
   * The challenge of a 401 (RFC 9110 §11.6.1), for example `Bearer realm="api"`. Where a handler asks for scopes, those
   * of a `Bearer` challenge name them.
   */
  readonly challenge: string;
  /**
   * The request fields that carry the credential. They are named in `Vary`, and CORS lets scripts set those that they
   * can.
   * Default: `["Authorization"]`.
   */
  readonly fields?: readonly string[];
  /** The scopes that exist, if they are known: another one in a requirement is a config error. Default: any. */
  readonly scopes?: readonly string[];
  /**
   * Whether browsers send the credential by themselves, as cookies are: an explicit credential beside it wins. Default:
   * false: two credentials are refused. With `Cookie` among the `fields` there is no default: leaving it out is a
   * `ConfigError`.
   */
  readonly ambient?: boolean;
  /**
   * What every credential of this kind begins with, for those that share `Authorization: Bearer` with others in
   * `anyOf()`: the authenticator whose prefix fits is chosen. Default: none.
   */
  readonly prefix?: string;
  /** Whether this request carries a credential of this kind, good or bad. It must not throw or wait: a promise is 500. */
  readonly present: (request: Request) => boolean;
  /**
   * Who is calling, or why not. Called only when `present` said yes. A bad credential is a `Refusal`, never an identity.
   * An exception means that verification was impossible: 503 `auth_unavailable`, with `Retry-After` from the error's
   * `retryAfterSeconds` if it has one; a `ConfigError` is 500.
   */
  readonly authenticate: (request: Request, context: RequestContext) => MaybePromise<I | Refusal>;
}

/** Shown in compiler errors where a policy without `auth` is asked for identities. */
export interface ThisPolicyHasNoAuth {
  readonly "~": "give the policy an `auth` first";
}
