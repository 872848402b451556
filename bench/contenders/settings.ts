/** What every contender is told to do: the same fields, the same origins, the same quota. */

/** How many security fields a stack sends. */
export type Variant = "default" | "twelve";

/** A request handler as servers call it. A synchronous one is not awaited. */
export type Fetch = (request: PooledRequest) => Response | Promise<Response>;

/** A request with the peer's address on it, as srvx gives it to handlers. */
export type PooledRequest = Request & { readonly ip: string };

/** The answer of every handler: 135 bytes of JSON. */
export const data: object = {
  id: "0f5b1c8e-6c1d-4a57-9f0e-2b8d6a1c4e37",
  title: "A note that somebody wrote",
  done: false,
  tags: ["work", "urgent"],
  owner: "u123",
};

export const origins: readonly string[] = [
  "https://app.example.com",
  "https://admin.example.com",
  "https://staging.example.com",
];

/** So many that nobody is refused while the clock runs, and so slow that clients stay known to the stores. */
export const limit = { name: "default", requests: 1_000_000, windowSeconds: 86_400 } as const;

const defaultFields: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
  "strict-transport-security": "max-age=63072000",
};

/** Where browsers send their reports. */
export const reportingUrl = "https://reports.example.com/csp";

/** A field that mantlet has no option for. */
export const extraFields: Readonly<Record<string, string>> = { "origin-agent-cluster": "?1" };

export const securityFields: Readonly<Record<Variant, Readonly<Record<string, string>>>> = {
  default: defaultFields,
  twelve: {
    ...defaultFields,
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "reporting-endpoints": `csp="${reportingUrl}"`,
    ...extraFields,
  },
};

/** The same over plain HTTP, which must not carry Strict-Transport-Security (RFC 6797 §7.2). */
export function plainFields(variant: Variant): Readonly<Record<string, string>> {
  const { "strict-transport-security": _, ...fields } = securityFields[variant];
  return fields;
}

const exposedByDefault: readonly string[] = [
  "X-Request-ID",
  "RateLimit-Policy",
  "RateLimit",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "ETag",
  "Link",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "Content-Disposition",
  "Deprecation",
  "Sunset",
];

/** What scripts may read: mantlet's `exposeHeaders: "auto"`, written out. */
export function exposed(variant: Variant): readonly string[] {
  const [id = "", ...rest] = exposedByDefault;
  return variant === "default" ? exposedByDefault : [id, ...Object.keys(extraFields), ...rest];
}
