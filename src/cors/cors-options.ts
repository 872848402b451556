import type { MaybePromise } from "../lib/maybe-promise.ts";

type FixedOrigin<O> = O extends "null" | "*"
  ? "an exact origin, such as https://app.example.com"
  : O extends `${infer Scheme}://${infer Host}/${string}`
    ? `${Scheme}://${Host}`
    : O extends `${string}://${string}`
      ? O
      : `https://${O & string}`;

/** A literal that is not an origin maps to what it should be. A plain `string` passes: it is checked at construction. */
export type ValidOrigin<O> = string extends O ? O : NoInfer<FixedOrigin<O>>;

/** Parts of a CORS configuration that do not depend on the origins. */
export interface CorsCommon {
  /** How long browsers keep a preflight's answer, in seconds: 0 (never) to 86400. Default: 7200, the most that Chromium keeps. */
  readonly maxAgeSeconds?: number;
  /** Never together with an origin list and `passthrough`. */
  readonly passthrough?: never;
}

/** Every origin may read; cookies never come with it. */
export interface CorsAnyOrigin extends CorsCommon {
  readonly origins: "*";
  /** Cookies and `"*"` cannot be combined (Fetch, "CORS protocol and credentials"): list the origins. */
  readonly credentials?: false;
  /** Default: GET HEAD POST PUT PATCH DELETE. `"*"` is every method. */
  readonly methods?: "*" | readonly string[];
  /**
   * Request fields that browsers may send. `"*"`, alone or in the list, is every field but `Authorization`, which must
   * be listed. Default: Authorization, Content-Type, X-API-Key, X-Request-ID, and what this policy itself reads.
   */
  readonly allowHeaders?: "*" | readonly string[];
  /** Response fields that scripts may read, added to the default `"auto"`: what this policy can send, and the usual ones. */
  readonly exposeHeaders?: "auto" | "*" | readonly string[];
}

/** Listed origins, with or without cookies. */
export interface CorsListed<O extends string = string> extends CorsCommon {
  /**
   * Exact origins as browsers send them (`https://app.example.com`), `https://*.example.com` for every host below,
   * `http://localhost:*` for every port. Or a function that gets the origin and nothing else; its answers are kept for
   * a minute, and one that throws, or gives anything but `true`, allows nothing.
   */
  readonly origins: readonly ValidOrigin<O>[] | ((origin: string) => MaybePromise<boolean>);
  /** Whether browsers may send cookies and read the answers. Default: false. */
  readonly credentials?: boolean;
  /** Default: GET HEAD POST PUT PATCH DELETE. */
  readonly methods?: readonly string[];
  /** Request fields that browsers may send. Default: Authorization, Content-Type, X-API-Key, X-Request-ID, and what this policy itself reads. */
  readonly allowHeaders?: readonly string[];
  /** Response fields that scripts may read, added to the default `"auto"`: what this policy can send, and the usual ones. */
  readonly exposeHeaders?: "auto" | readonly string[];
  /** Tolerates `http:` origins with credentials. Whoever is on the network path can then act as the user. */
  readonly dangerouslyAllowInsecureOrigins?: boolean;
  /** Tolerates a wildcard directly under a public suffix or a shared host. Anybody may register a name there. */
  readonly dangerouslyAllowPublicSuffixes?: boolean;
}

/** A gateway, or your own code, owns CORS: mantlet leaves the fields of responses alone. */
export interface CorsPassthrough {
  /** Answers preflights. The protected handler never sees one. */
  readonly passthrough: (request: Request) => MaybePromise<Response>;
  readonly origins?: never;
}

/** The CORS configuration of a policy. Origins have no default. */
export type CorsOptions<O extends string = string> = CorsAnyOrigin | CorsListed<O> | CorsPassthrough;
