import { expect } from "vitest";
import {
  type AnySchema,
  type Authenticator,
  type ContentOptions,
  type FetchHandler,
  type Handler,
  type Identity,
  policy,
  problem,
} from "../../src/index.ts";
import { app, foreign, other } from "./origins.ts";

/** Which parts of a policy are configured. */
export interface Subset {
  readonly headers: boolean;
  readonly requestId: boolean;
  readonly cors: "none" | "list" | "*";
  readonly crossOrigin: boolean;
  readonly rateLimit: boolean;
  readonly auth: boolean;
}

const onOff = [true, false];

/** Every combination of them: 96. */
export const subsets: readonly Subset[] = onOff.flatMap((headers) =>
  onOff.flatMap((requestId) =>
    (["none", "list", "*"] as const).flatMap((cors) =>
      onOff.flatMap((crossOrigin) =>
        onOff.flatMap((rateLimit) => onOff.map((auth) => ({ headers, requestId, cors, crossOrigin, rateLimit, auth }))),
      ),
    ),
  ),
);

const bearer: Authenticator<Identity<"bearer">> = {
  name: "bearer",
  challenge: "Bearer",
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) =>
    request.headers.get("authorization") === "Bearer alice"
      ? { method: "bearer", subject: "alice", scopes: new Set() }
      : problem(401, "bad_token", { headers: { "WWW-Authenticate": "Bearer" } }),
};

/** What a handler and its policy ask for, whatever the subset. */
export interface Asked {
  /** Of the rate limit, where there is one. */
  readonly limit?: number;
  readonly content?: ContentOptions;
  readonly requirements?: { readonly methods?: readonly string[]; readonly body?: AnySchema };
}

/** A policy of these parts around a handler. */
export function under(
  subset: Subset,
  handler: Handler<object>,
  { limit = 1000, content, requirements = {} }: Asked = {},
): FetchHandler {
  const common = {
    ...(!subset.headers && { headers: false as const }),
    ...(!subset.requestId && { requestId: false as const }),
    ...(subset.cors === "*" && { cors: { origins: "*" as const } }),
    ...(subset.cors === "list" && { cors: { origins: [app, other], credentials: true } }),
    ...(!subset.crossOrigin && { crossOrigin: "off" as const }),
    ...(subset.rateLimit && { rateLimit: { limit, windowSeconds: 60 } }),
    ...(content && { content }),
    onEvent: () => undefined,
  };
  const { run } = subset.auth
    ? policy({ ...common, auth: bearer }).prepare(requirements, handler)
    : policy(common).prepare(requirements, handler);
  return (request) => run(request, { clientIp: "192.0.2.1" });
}

/** A request over https from a page of `origin`, with a good credential. */
export function requestFrom(origin: string, init: RequestInit = {}): Request {
  const headers = { Origin: origin, Authorization: "Bearer alice", ...init.headers };
  return new Request("https://api.example.com/notes", { ...init, headers });
}

const rateLimitFields = [
  "RateLimit-Policy",
  "RateLimit",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
];
const usualExposed = [
  ...["ETag", "Link", "Location", "Retry-After", "WWW-Authenticate", "Content-Disposition", "Deprecation", "Sunset"],
];

/** What `expected` depends on besides the subset. */
export interface Answer {
  readonly origin: string;
  /** `null` where the policy writes none. */
  readonly cacheControl: string | null;
  /** False where the request ended before the limits. */
  readonly counted: boolean;
}

/** Every field that some policy writes, and its value under this one; `null` where it must be absent. */
export function expected(subset: Subset, { origin, cacheControl, counted }: Answer): Record<string, unknown> {
  const { headers, requestId, cors, auth } = subset;
  const isListed = cors === "list" && origin !== foreign;
  const isReadable = isListed || cors === "*";
  const hasQuota = subset.rateLimit && counted;
  const vary = [...(cors === "list" ? ["Origin"] : []), ...(auth ? ["Authorization"] : [])];
  const exposed = [
    ...(requestId ? ["X-Request-ID"] : []),
    ...(subset.rateLimit ? rateLimitFields : []),
    ...usualExposed,
  ];
  return {
    "content-security-policy": headers ? "default-src 'none'; frame-ancestors 'none'" : null,
    "x-content-type-options": headers ? "nosniff" : null,
    "x-frame-options": headers ? "DENY" : null,
    "referrer-policy": headers ? "no-referrer" : null,
    "cross-origin-resource-policy": headers ? (cors === "*" ? "cross-origin" : "same-origin") : null,
    "strict-transport-security": headers ? "max-age=63072000" : null,
    "cache-control": cacheControl,
    "x-request-id": requestId ? expect.stringMatching(/^[0-9a-f-]{36}$/) : null,
    "access-control-allow-origin": isListed ? origin : isReadable ? "*" : null,
    "access-control-allow-credentials": isListed ? "true" : null,
    "access-control-expose-headers": isReadable ? exposed.join(", ") : null,
    "access-control-allow-methods": null,
    "access-control-allow-headers": null,
    "access-control-max-age": null,
    vary: vary.length > 0 ? vary.join(", ") : null,
    "ratelimit-policy": hasQuota ? expect.stringMatching(/^"default";q=\d+;w=60$/) : null,
    ratelimit: hasQuota ? expect.stringMatching(/^"default";r=\d+;t=\d+$/) : null,
    "x-ratelimit-limit": hasQuota ? expect.stringMatching(/^\d+$/) : null,
    "x-ratelimit-remaining": hasQuota ? expect.stringMatching(/^\d+$/) : null,
    "x-ratelimit-reset": hasQuota ? expect.stringMatching(/^\d{10}$/) : null,
  };
}

/** The same fields as a response has them. */
export function actual(names: Readonly<Record<string, unknown>>, { headers }: Response): Record<string, string | null> {
  return Object.fromEntries(Object.keys(names).map((name) => [name, headers.get(name)]));
}
