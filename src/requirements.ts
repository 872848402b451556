import type { DescribeIssue } from "./content/schemas.ts";
import type { MaybePromise } from "./lib/maybe-promise.ts";
import type { RateLimits } from "./rate-limit/rate-limit.ts";
import type { ThisPolicyHasNoAuth, Verified } from "./types.ts";

/** What one handler asks for beyond its policy. It can only tighten: a requirement beats every route override. */
export interface Requirements<
  Auth,
  Scope,
  Required,
  Decision,
  Body = never,
  Query = never,
  Params = never,
  Raw = never,
> {
  /** `"required"`: the handler is never called for nobody, whatever a route override says. */
  readonly auth?: [Auth] extends [undefined] ? ThisPolicyHasNoAuth : Required;
  /** The scopes that a caller must have, all of them: else 403 `insufficient_scope`. Implies `auth: "required"`. */
  readonly scopes?: readonly Scope[];
  /** The scopes of which a caller must have one: else 403 `insufficient_scope`. Implies `auth: "required"`. */
  readonly anyScope?: readonly Scope[];
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
