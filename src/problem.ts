import type { Exchange } from "./exchange.ts";
import { isFieldValue, isToken } from "./lib/tokens.ts";
import type { Render } from "./render-problem.ts";

const brand: unique symbol = Symbol.for("mantlet.refusal");

/**
 * An answer that says no: a value, made by `problem()`, to be returned; a handler whose framework knows only responses
 * may throw it. It becomes an RFC 9457 problem body.
 */
export interface Refusal {
  readonly [brand]: true;
  /** 400 to 599. */
  readonly status: number;
  /** snake_case, stable: what a client switches on. */
  readonly code: string;
  /** For people. Never holds what came with the request. */
  readonly detail: string | undefined;
  /** Fields that this answer needs, for example `Allow`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Members that replace or extend the standard ones (RFC 9457 §3.2). */
  readonly members: Readonly<Record<string, unknown>> | undefined;
  /** Why, for the `refused` event alone: it is never sent. */
  readonly reason: string | undefined;
}

/** The codes of the refusals that mantlet itself makes. */
export type ProblemCode =
  | "ambiguous_path"
  | "api_key_expired"
  | "auth_unavailable"
  | "client_address_unknown"
  | "credentials_required"
  | "content_too_large"
  | "cost_exceeds_limit"
  | "cross_origin_refused"
  | "duplicate_key"
  | "forbidden"
  | "handler_timeout"
  | "https_required"
  | "incomplete_body"
  | "insufficient_scope"
  | "internal_error"
  | "invalid_api_key"
  | "invalid_body"
  | "invalid_content_length"
  | "invalid_params"
  | "invalid_query"
  | "invalid_request"
  | "invalid_token"
  | "limiter_unavailable"
  | "malformed_json"
  | "malformed_path"
  | "method_not_allowed"
  | "method_override_refused"
  | "not_acceptable"
  | "preflight_refused"
  | "rate_limited"
  | "token_expired"
  | "token_in_query"
  | "token_not_yet_valid"
  | "unsafe_json"
  | "unsupported_media_type";

/** The fields without which these statuses are incomplete (RFC 9110 §15.5, §11.7.1, RFC 6585 §4). */
interface MandatoryFields {
  401: { readonly "WWW-Authenticate": string };
  405: { readonly Allow: string };
  407: { readonly "Proxy-Authenticate": string };
  426: { readonly Upgrade: string };
  429: { readonly "Retry-After": string };
}

/** What `problem()` takes besides status and code. */
export interface ProblemOptions<Fields = object> {
  /** One sentence for people; a fixed text. Never put in what came with the request. Default: none. */
  readonly detail?: string;
  /** Fields of the response, besides those that the policy sets. `Cache-Control: no-store` and `Content-Type` are always ours. */
  readonly headers: Fields & Readonly<Record<string, string>>;
  /** Further members of the body (RFC 9457 §3.2); `type` and `title` replace the defaults. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Why, for the `refused` event alone: it is never sent. A fixed text, such as `unknown_kid`. Default: none. */
  readonly reason?: string;
}

/** The arguments after `code`: the mandatory fields of a status must be given, and a status must be a literal for that. */
export type ProblemArguments<Status extends number> = number extends Status
  ? [options: ProblemOptions<MandatoryFields[keyof MandatoryFields]>]
  : [Extract<Status, keyof MandatoryFields>] extends [never]
    ? [options?: Partial<ProblemOptions>]
    : [options: ProblemOptions<MandatoryFields[Extract<Status, keyof MandatoryFields>]>];

const mandatory: Readonly<Record<number, string>> = {
  401: "www-authenticate",
  405: "allow",
  407: "proxy-authenticate",
  426: "upgrade",
  429: "retry-after",
};

/** The field that a status demands, where an answer lacks it. */
export function missingField(status: number, has: (name: string) => boolean): string | undefined {
  const name = mandatory[status];
  return name !== undefined && !has(name) ? name : undefined;
}

/**
 * Makes a refusal: a value for a handler, a check or an authenticator to return.
 *
 * @param status - 400 to 599. 401, 405, 407, 426 and 429 need their field in `options.headers`.
 * @param code - snake_case, for example `"no_such_note"`.
 * @throws TypeError when the status, the code or a field cannot be sent.
 * @see RFC 9457
 */
export function problem<const Status extends number>(
  status: Status,
  code: string,
  ...[options]: ProblemArguments<Status>
): Refusal {
  if (!Number.isInteger(status) || status < 400 || status > 599)
    throw new TypeError("problem(): the status must be 400 to 599");
  if (!/^[a-z][a-z0-9_]*$/.test(code)) throw new TypeError("problem(): the code must be snake_case");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options?.headers ?? {})) {
    if (!isToken(name) || !isFieldValue(value))
      throw new TypeError(`problem(): ${name} is not a field that can be sent`);
    headers[name.toLowerCase()] = value;
  }
  const missing = missingField(status, (name) => Object.hasOwn(headers, name));
  if (missing !== undefined) throw new TypeError(`problem(): ${status} needs the field ${missing} (RFC 9110 §15.5)`);
  return make(status, code, options?.detail, headers, options?.members, options?.reason);
}

/** Makes a refusal of our own, whose parts are constants and whose field names are lower-case. */
export const refuse: (
  status: number,
  code: ProblemCode,
  detail?: string,
  headers?: Readonly<Record<string, string>>,
  members?: Readonly<Record<string, unknown>>,
  reason?: string,
) => Refusal = make;

/** The refusal of a status that says all there is to say; `undefined` for one that demands a field. */
export function refuseByStatus(status: number): Refusal | undefined {
  return status in mandatory ? undefined : make(status, titleOf(status).toLowerCase().replaceAll(" ", "_"));
}

function make(
  status: number,
  code: string,
  detail?: string,
  headers?: Readonly<Record<string, string>>,
  members?: Readonly<Record<string, unknown>>,
  reason?: string,
): Refusal {
  return { [brand]: true, status, code, detail, headers, members, reason };
}

/** Whether a value was made by `problem()`. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && brand in value;
}

/** The standard phrases of the statuses that refusals use (RFC 9110 §15, RFC 6585): titles of `about:blank` problems. */
const phrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  428: "Precondition Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

function titleOf(status: number): string {
  return phrases[status] ?? (status < 500 ? "Client Error" : "Server Error");
}

/** The members of a problem body (RFC 9457 §3.1), with ours. */
export interface Problem {
  /** A URI that identifies the kind of problem; `about:blank` unless a specification names one. */
  readonly type: string;
  /** The status phrase, or the title that the type's specification gives. */
  readonly title: string;
  readonly status: number;
  /** A fixed text. */
  readonly detail?: string;
  /** snake_case, stable. */
  readonly code: string;
  /** The same as in the response's `X-Request-ID`. */
  readonly requestId: string;
  readonly [member: string]: unknown;
}

/** The problem that a refusal stands for. */
export function problemOf({ status, code, detail, members }: Refusal, requestId: string): Problem {
  const standard = {
    type: "about:blank",
    title: titleOf(status),
    status,
    ...(detail !== undefined && { detail }),
    code,
    requestId,
  };
  return members === undefined ? standard : { ...standard, ...members, status, code, requestId };
}

/** The response of a refusal. */
export function renderRefusal(
  refusal: Refusal,
  exchange: Pick<Exchange, "requestId" | "request" | "fail">,
  render: Render | undefined,
): Response {
  const { requestId, request } = exchange;
  const rendered = render?.(problemOf(refusal, requestId), exchange);
  const body = rendered?.body ?? JSON.stringify(problemOf(refusal, requestId));
  return new Response(request.method === "HEAD" ? null : body, {
    status: refusal.status,
    headers: {
      ...refusal.headers,
      "cache-control": "no-store",
      "content-type": rendered?.contentType ?? "application/problem+json",
    },
  });
}
