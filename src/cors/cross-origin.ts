import type { Exchange } from "../exchange.ts";
import { andThen, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Refusal, refuse } from "../problem.ts";
import { tell } from "../tell.ts";
import type { OriginMatcher } from "./origins.ts";

/** What requests need of the cross-origin protection. */
export interface CrossOriginPlan {
  /** The list of CORS, decided in the exchange already; `"*"`; or a list of its own. `"none"` admits no other origin. */
  readonly origins: "cors" | "*" | "none" | OriginMatcher;
  /** Refuses also what no browser sends: an unsafe request without `Sec-Fetch-Site` and `Origin`. */
  readonly strict: boolean;
  /** Emits the event and lets pass. */
  readonly reportOnly: boolean;
}

const refusal = (detail: string, reason: string): Refusal =>
  refuse(403, "cross_origin_refused", detail, undefined, undefined, reason);
const foreign = /* @__PURE__ */ refusal("This request was sent by a page of another origin.", "origin_not_allowed");
const unknown = /* @__PURE__ */ refusal("This request does not say which page sent it.", "no_origin");
const safeMethods: readonly string[] = ["GET", "HEAD", "OPTIONS", "QUERY"];

/**
 * Refuses state-changing requests that a browser sent for another origin's page (CSRF), and WebSocket handshakes,
 * which are GETs with cookies. Decided by what the browser says, never by the content type.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function refuseCrossOrigin(plan: CrossOriginPlan, exchange: Exchange): MaybePromise<Refusal | undefined> {
  if (plan.origins === "cors" && exchange.originAllowed) return undefined; // whatever it is
  const { headers } = exchange.request;
  if (safeMethods.includes(exchange.method) && headers.get("upgrade")?.toLowerCase() !== "websocket") return undefined;
  const site = headers.get("sec-fetch-site");
  if (site === "same-origin" || site === "none") return undefined;
  if (site === null) {
    if (exchange.origin === null && !plan.strict) return undefined;
    if (isOwnOrigin(exchange)) return undefined;
  }
  const admitted = admits(plan, exchange);
  const decide = (isAdmitted: boolean): Refusal | undefined =>
    isAdmitted ? undefined : refuseOrReport(plan, exchange);
  return andThen(admitted, decide);
}

function refuseOrReport({ reportOnly }: CrossOriginPlan, exchange: Exchange): Refusal | undefined {
  const refused = exchange.origin === null ? unknown : foreign;
  if (!reportOnly) return refused;
  tell(refused, exchange, true);
  return undefined;
}

function admits({ origins }: CrossOriginPlan, exchange: Exchange): MaybePromise<boolean> {
  if (exchange.origin === null || origins === "none") return false;
  if (origins === "cors") return exchange.originAllowed;
  return origins === "*" ? !hasAmbientCredentials(exchange.request.headers) : origins(exchange.origin);
}

/** What a browser adds by itself; a page that reads with CORS `*` never sends it. */
function hasAmbientCredentials(headers: Headers): boolean {
  return headers.has("cookie") || /^(?:basic|digest|negotiate|ntlm)\b/i.test(headers.get("authorization") ?? "");
}

/**
 * Whether `Origin` names the host of this request. The `Host` field is compared, not the URL, which says localhost
 * under Next.js; the scheme is compared where it is known, since behind a TLS proxy every URL says http.
 */
function isOwnOrigin({ origin, host, isHttps }: Exchange): boolean {
  if (origin === null) return false;
  const separator = origin.indexOf("://");
  const scheme = origin.slice(0, separator);
  if (scheme !== "https" && (scheme !== "http" || isHttps)) return false;
  const defaultPort = scheme === "https" ? ":443" : ":80";
  const own = host.endsWith(defaultPort) ? host.slice(0, -defaultPort.length) : host;
  return own !== "" && origin.slice(separator + 3) === own.toLowerCase();
}
