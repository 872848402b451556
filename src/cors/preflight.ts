import type { Exchange } from "../exchange.ts";
import { isToken } from "../lib/tokens.ts";
import { type Refusal, refuse } from "../problem.ts";

/** Methods that browsers allow unasked (Fetch, "CORS-safelisted method"). */
const safelistedMethods: readonly string[] = ["GET", "HEAD", "POST"];

/** What a preflight is told, compiled. */
export interface PreflightAnswer {
  readonly anyOrigin: boolean;
  readonly credentials: boolean;
  readonly methods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

/** The same to every page, whatever the reason: that is for events alone. */
export function refusePreflight(reason: string, fields?: Readonly<Record<string, string>>): Refusal {
  return refuse(403, "preflight_refused", "This cross-origin request is not allowed.", fields, undefined, reason);
}

/** Compiles the answer to preflights: the configured lists, never what was asked for; or a refusal that says nothing. */
export function compilePreflight({
  anyOrigin,
  credentials,
  methods,
  allowHeaders,
  maxAgeSeconds,
}: PreflightAnswer): (exchange: Exchange) => Refusal | Response {
  const allowed = new Set(allowHeaders.map((name) => name.toLowerCase()));
  const allowsAny = allowed.has("*");
  // Authorization is never covered by `*` (Fetch, "CORS non-wildcard request-header name").
  const allowsHeader = (name: string): boolean => allowed.has(name) || (allowsAny && name !== "authorization");
  const allowsMethod = (method: string): boolean =>
    safelistedMethods.includes(method) || methods.includes(method) || (methods.includes("*") && isToken(method));
  const fields = {
    "access-control-allow-methods": methods.join(", "),
    ...(allowHeaders.length > 0 && { "access-control-allow-headers": allowHeaders.join(", ") }),
    "access-control-max-age": String(maxAgeSeconds),
    ...(credentials && { "access-control-allow-credentials": "true" }),
    vary: `${anyOrigin ? "" : "Origin, "}Access-Control-Request-Method, Access-Control-Request-Headers`,
  };
  const { vary } = fields;
  const originRefused = refusePreflight("origin_not_allowed", { vary });
  const methodRefused = refusePreflight("method_not_allowed", { vary });
  const headerRefused = refusePreflight("header_not_allowed", { vary });
  return ({ request: { headers }, origin, originAllowed }) => {
    if (!originAllowed || origin === null) return originRefused;
    if (!allowsMethod(headers.get("access-control-request-method") ?? "")) return methodRefused;
    if (!allowsRequestHeaders(headers.get("access-control-request-headers"), allowsHeader)) return headerRefused;
    return new Response(null, {
      status: 204,
      headers: { "access-control-allow-origin": anyOrigin ? "*" : origin, ...fields },
    });
  };
}

const maxLength = 1024;
const maxNames = 64;

/**
 * Whether every name in an `Access-Control-Request-Headers` value is allowed. White space around names and empty
 * elements are tolerated, since intermediaries add them; anything that is not a list of names is not.
 *
 * @param allows - Gets each name in lower case.
 */
export function allowsRequestHeaders(value: string | null, allows: (name: string) => boolean): boolean {
  if (value === null) return true;
  if (value.length > maxLength) return false;
  let count = 0;
  let start = 0;
  while (start <= value.length) {
    const comma = value.indexOf(",", start);
    const end = comma === -1 ? value.length : comma;
    if (++count > maxNames || !isAllowedName(value, start, end, allows)) return false;
    start = end + 1;
  }
  return true;
}

function isAllowedName(value: string, from: number, to: number, allows: (name: string) => boolean): boolean {
  let start = from;
  let end = to;
  while (start < end && isWhiteSpace(value.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(value.charCodeAt(end - 1))) end--;
  return start === end || (isToken(value, start, end) && allows(value.slice(start, end).toLowerCase()));
}

function isWhiteSpace(code: number): boolean {
  return code === 32 || code === 9;
}
