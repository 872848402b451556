import type { Exchange } from "../exchange.ts";
import type { ResponseFields } from "../response-fields.ts";
import { defaultCacheControl, narrowCache } from "./cache.ts";
import { apiFields } from "./field-table.ts";
import { mayCarryTransportSecurity } from "./transport-security.ts";

/** The fields of a policy, compiled. */
export interface HeadersPlan {
  /** Set where the response has none. The two lists run in step. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** Those of the names that are for CDNs. */
  readonly forCdn: readonly string[];
  readonly remove: readonly string[];
  readonly strictTransportSecurity: string | undefined;
  /** For a response without one; `no-store` gives way to `private, no-cache` beside a validator. */
  readonly cacheControl: string | undefined;
  readonly timingAllowOrigin: "*" | "origin" | undefined;
  readonly servesHtml: boolean;
}

/** Writes the fields over a response. What the handler set wins, except for `remove` and the cache guard. */
export function writeHeaders(
  plan: HeadersPlan,
  exchange: Exchange,
  fields: ResponseFields,
  status: number,
  mayShare: boolean,
): void {
  for (const name of plan.remove) if (fields.has(name)) fields.delete(name);
  const isForOne = !mayShare && (exchange.credentialed || fields.has("set-cookie"));
  const { cacheControl, names, values, strictTransportSecurity, timingAllowOrigin } = plan;
  if (cacheControl !== undefined && !fields.has("cache-control")) {
    fields.set("cache-control", cacheControl === "no-store" ? defaultCacheControl(fields, status) : cacheControl);
  }
  for (let index = 0; index < names.length; index++) {
    fields.setDefault(names[index] as string, values[index] as string); // the index is below both lengths
  }
  if (isForOne && narrowCache(fields, plan.forCdn)) {
    exchange.warn(
      "cache_narrowed",
      "a response to a credentialed request, or with Set-Cookie, was cacheable by shared caches and was made private; " +
        'set Cache-Control: private in the handler, or cache: "shared" on the route',
    );
  }
  if (strictTransportSecurity !== undefined && exchange.isHttps && mayCarryTransportSecurity(exchange.host)) {
    fields.setDefault("strict-transport-security", strictTransportSecurity);
  }
  if (timingAllowOrigin === "*") fields.setDefault("timing-allow-origin", "*");
  else if (timingAllowOrigin === "origin" && exchange.originAllowed && exchange.origin !== null) {
    fields.setDefault("timing-allow-origin", exchange.origin);
  }
}

const csp = "content-security-policy";

/** Warns of a handler's body that browsers would have to guess at, and of a page that the API's fields keep blank. */
export function checkContentType(
  plan: HeadersPlan,
  exchange: Exchange,
  response: Response,
  { contentType }: ResponseFields,
): void {
  if (contentType === null) {
    // Not on Bun, which types a text when it sends it, unless somebody has looked at `body`.
    if (exchange.method !== "HEAD" && !("Bun" in globalThis) && response.body !== null) {
      exchange.warn("content_type_missing", "a response has a body and no Content-Type; set it in the handler");
    }
  } else if (
    !plan.servesHtml &&
    /^text\/html\b/i.test(contentType) &&
    response.headers.get(csp) === apiFields[csp] // who wrote another one knows what pages need
  ) {
    exchange.warn(
      "html_under_api_policy",
      `a text/html response renders nothing under the policy of an API; write routes: { "<path>": { headers: "html" } }`,
    );
  }
}
