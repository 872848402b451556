import type { Exchange } from "../exchange.ts";
import type { Finisher } from "../exit.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, Options, show } from "../lib/options.ts";
import { isToken } from "../lib/tokens.ts";
import { usualMethods } from "../methods.ts";
import type { Refusal } from "../problem.ts";
import type { ResponseFields } from "../response-fields.ts";
import type { CorsPassthrough } from "./cors-options.ts";
import { type OriginPattern, type OriginRules, parseOriginPattern } from "./origin-pattern.ts";
import { matchFunction, matchList, type OriginMatcher } from "./origins.ts";
import { compilePreflight } from "./preflight.ts";

/** What requests need of a CORS configuration. */
export interface CorsPlan {
  /** `"*"`, or what decides; `undefined` with `passthrough`. */
  readonly origins: "*" | OriginMatcher | undefined;
  /** The methods that pages may use, where they are listed. */
  readonly methods: readonly string[] | undefined;
  /** Answers a preflight. */
  readonly preflight: (exchange: Exchange) => MaybePromise<Refusal | Response>;
  /** Writes the fields of an actual response, over whatever the handler wrote; `undefined` with `passthrough`. */
  readonly finish: Finisher | undefined;
}

const defaultAllowHeaders: readonly string[] = ["Authorization", "Content-Type", "X-API-Key", "X-Request-ID"];
const usualExposed: readonly string[] = [
  "ETag",
  "Link",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "Content-Disposition",
  "Deprecation",
  "Sunset",
];
/** Fields that browsers show unasked (Fetch, "CORS-safelisted response-header name"). */
const safelistedResponse =
  /^(?:cache-control|content-language|content-length|content-type|expires|last-modified|pragma)$/i;
/** Request fields that no script may set (Fetch, "forbidden request-header"). */
const forbiddenRequest =
  /^(?:sec-.*|proxy-.*|accept-(?:charset|encoding)|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via)$/i;

/** The names that the rest of the policy sends and reads. */
export interface PolicyFields {
  readonly sent: readonly string[];
  readonly read: readonly string[];
}

export function compileCors(value: unknown, path: string, issues: Issues, fields: PolicyFields): CorsPlan {
  const options = new Options(value, path, issues);
  if (options.get("passthrough") !== undefined) return compilePassthrough(options);
  const credentials = options.boolean("credentials") ?? false;
  const origins = compileOrigins(options, "origins", {
    credentials,
    allowsInsecure: options.boolean("dangerouslyAllowInsecureOrigins") ?? false,
    allowsPublicSuffixes: options.boolean("dangerouslyAllowPublicSuffixes") ?? false,
    mayForce: true,
  });
  if (origins === "*" && credentials)
    options.refuse("credentials", `cannot be true beside origins: "*": list the origins that may send cookies`);
  const methods = readNames(options, "methods", usualMethods, credentials, methodMistake);
  const allowHeaders = readNames(
    options,
    "allowHeaders",
    union(defaultAllowHeaders, fields.read.filter(isSettable)),
    credentials,
    requestFieldMistake,
  );
  const expose = readExpose(options, credentials, fields.sent);
  const maxAgeSeconds = options.integer("maxAgeSeconds", 0, 86_400, "seconds") ?? 7200;
  options.done();
  return {
    origins: origins ?? (() => false),
    methods: methods.includes("*") ? undefined : methods,
    preflight: compilePreflight({ anyOrigin: origins === "*", credentials, methods, allowHeaders, maxAgeSeconds }),
    finish: compileFinish(origins === "*", credentials, expose),
  };
}

function compilePassthrough(options: Options): CorsPlan {
  const passthrough = options.function<CorsPassthrough["passthrough"]>("passthrough");
  options.done();
  return {
    origins: undefined,
    methods: undefined,
    preflight: ({ request }) => (passthrough as CorsPassthrough["passthrough"])(request), // a mistake throws before it is called
    finish: undefined,
  };
}

/** Reads a list of origins, `"*"` or a function; `undefined` after a mistake. */
export function compileOrigins(options: Options, key: string, rules: OriginRules): "*" | OriginMatcher | undefined {
  const value = options.get(key);
  if (value === "*") return "*";
  if (typeof value === "function") return matchFunction(value as OriginMatcher); // its result is checked at each call
  if (!Array.isArray(value) || value.length === 0) {
    options.refuse(
      key,
      `${show(value)} must be "*", a function, or a list such as ["https://app.example.com"]: who may read has no default`,
    );
    return undefined;
  }
  const patterns: OriginPattern[] = [];
  for (const [index, entry] of value.entries()) {
    const pattern = typeof entry === "string" ? parseOriginPattern(entry, rules) : `${show(entry)} is not a string`;
    if (typeof pattern === "string") options.refuse(`${key}[${index}]`, pattern);
    else patterns.push(pattern);
  }
  return matchList(patterns);
}

function union(first: readonly string[], second: readonly string[]): readonly string[] {
  const names = new Map([...first, ...second].map((name) => [name.toLowerCase(), name]));
  for (const name of first) names.set(name.toLowerCase(), name);
  return [...names.values()];
}

function readNames(
  options: Options,
  key: string,
  fallback: readonly string[],
  credentials: boolean,
  mistakeIn: (name: string) => string | undefined,
): readonly string[] {
  const names = options.get(key) === "*" ? ["*"] : (options.strings(key) ?? fallback);
  for (const name of names) {
    const mistake =
      name === "*"
        ? credentials && `"*" is a literal name beside credentials (Fetch): list the names`
        : mistakeIn(name);
    if (mistake) options.refuse(key, mistake);
  }
  return names;
}

function methodMistake(name: string): string | undefined {
  if (!isToken(name)) return `${show(name)} is not a method`;
  if (usualMethods.includes(name.toUpperCase()) && !usualMethods.includes(name))
    return `${show(name)} is compared byte for byte (RFC 9110 §9.1): write ${show(name.toUpperCase())}`;
  if (/^(?:trace|connect|track)$/i.test(name))
    return `${show(name)} is forbidden to scripts (Fetch, "forbidden method"): remove it`;
  return undefined;
}

/** Browsers send the others by themselves, Cookie for one: there is nothing to allow. */
function isSettable(name: string): boolean {
  return !forbiddenRequest.test(name);
}

function requestFieldMistake(name: string): string | undefined {
  if (!isToken(name)) return `${show(name)} is not a field name`;
  if (/^access-control-/i.test(name)) return `${show(name)} is a response field of CORS itself: remove it`;
  if (forbiddenRequest.test(name))
    return `${show(name)} cannot be set by scripts (Fetch, "forbidden request-header"): remove it`;
  return undefined;
}

function responseFieldMistake(name: string): string | undefined {
  if (!isToken(name)) return `${show(name)} is not a field name`;
  if (/^set-cookie2?$/i.test(name)) return `${show(name)} can never be read by scripts: remove it`;
  if (/^access-control-/i.test(name)) return `${show(name)} is a field of CORS itself: remove it`;
  return undefined;
}

function readExpose(options: Options, credentials: boolean, sent: readonly string[]): string {
  const isAuto = options.get("exposeHeaders") === "auto";
  const listed = isAuto ? [] : readNames(options, "exposeHeaders", [], credentials, responseFieldMistake);
  if (listed.includes("*")) return "*";
  return union(sent, [...usualExposed, ...listed])
    .filter((name) => !safelistedResponse.test(name))
    .join(", ");
}

/** Tells of a field that has no policy behind it. It is left alone: it may come from a gateway's own code. */
export function warnWithoutCors(fields: ResponseFields, exchange: Exchange): void {
  if (exchange.origin === null || exchange.isPreflight || !fields.has("access-control-allow-origin")) return;
  exchange.warn(
    "cors_field_without_cors",
    "the handler set Access-Control-Allow-Origin and this policy has no cors; configure cors, or write cors: { passthrough }",
  );
}

/** The fields of CORS, of whichever version of it. */
function isCorsField(name: string): boolean {
  return name.startsWith("access-control-");
}

const allowOrigin = "access-control-allow-origin";

function compileFinish(anyOrigin: boolean, credentials: boolean, expose: string): Finisher {
  return (fields, exchange) => {
    if (exchange.isPreflight) return; // the preflight's answer has its own
    const allowed = anyOrigin ? "*" : exchange.originAllowed ? exchange.origin : null;
    const foreign = fields.foreign(isCorsField);
    // Written by a policy between this one and the handler, such as api.with() makes.
    const isAgreed = foreign.length > 0 && fields.wrote(allowOrigin) && fields.get(allowOrigin) === allowed;
    for (const name of foreign) fields.delete(name);
    if (allowed !== null) {
      fields.set(allowOrigin, allowed);
      if (credentials) fields.set("access-control-allow-credentials", "true");
      fields.set("access-control-expose-headers", expose);
    }
    if (!isAgreed && foreign.some((name) => name.startsWith("access-control-allow-"))) {
      exchange.warn(
        "cors_field_overwritten",
        "the handler set fields of CORS, which this policy writes; remove them there, or write cors: { passthrough }",
      );
    }
  };
}
