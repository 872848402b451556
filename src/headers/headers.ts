import { type Issues, Options, show } from "../lib/options.ts";
import { isFieldValue, isToken } from "../lib/tokens.ts";
import { isForCdn } from "./cache.ts";
import { type ContentSecurityPolicyOptions, compileContentSecurityPolicy } from "./content-security-policy.ts";
import {
  apiFields,
  defaultRemoved,
  defaultStrictTransportSecurity,
  entryOf,
  htmlFields,
  objectionTo,
  obsoleteFields,
} from "./field-table.ts";
import { compilePermissionsPolicy, type PermissionsPolicyOptions } from "./permissions-policy.ts";
import { compileStrictTransportSecurity, type StrictTransportSecurityOptions } from "./transport-security.ts";
import type { HeadersPlan } from "./write-headers.ts";

/** The response fields of a policy. Each has a safe default for a JSON API; `false` leaves one out. */
export interface HeadersOptions {
  /** Default: `{ defaultSrc: ["'none'"], frameAncestors: ["'none'"] }`, under which no response does anything in a browser. */
  readonly contentSecurityPolicy?: ContentSecurityPolicyOptions | false;
  /** `X-Content-Type-Options` (Fetch, "nosniff"). Default: `"nosniff"`. */
  readonly contentTypeOptions?: "nosniff" | false;
  /** `X-Frame-Options` (HTML, "the X-Frame-Options header"). Default: `"DENY"`. */
  readonly frameOptions?: "DENY" | "SAMEORIGIN" | false;
  /** `Referrer-Policy`. Default: `"no-referrer"`. */
  readonly referrerPolicy?:
    | "no-referrer"
    | "no-referrer-when-downgrade"
    | "origin"
    | "origin-when-cross-origin"
    | "same-origin"
    | "strict-origin"
    | "strict-origin-when-cross-origin"
    | "unsafe-url"
    | false;
  /** `Cross-Origin-Resource-Policy` (Fetch). Default: `"same-origin"`, or `"cross-origin"` where CORS allows every origin. */
  readonly crossOriginResourcePolicy?: "same-origin" | "same-site" | "cross-origin" | false;
  /**
   * `Cache-Control` (RFC 9111 §5.2) of a response that has none. Default: `"no-store"`; a 304, or a response with
   * `ETag` or `Last-Modified`, gets `private, no-cache` instead.
   */
  readonly cacheControl?: string | false;
  /** Default: `{ maxAgeSeconds: 63072000 }`, sent on https only, never for localhost or an address. */
  readonly strictTransportSecurity?: StrictTransportSecurityOptions | false;
  /** `Permissions-Policy`. Default: not sent, since it concerns documents. */
  readonly permissionsPolicy?: PermissionsPolicyOptions | false;
  /** `Cross-Origin-Opener-Policy`. Default: not sent. */
  readonly crossOriginOpenerPolicy?:
    | "same-origin"
    | "same-origin-allow-popups"
    | "noopener-allow-popups"
    | "unsafe-none"
    | false;
  /** `Cross-Origin-Embedder-Policy`. Default: not sent. */
  readonly crossOriginEmbedderPolicy?: "require-corp" | "credentialless" | "unsafe-none" | false;
  /** `Timing-Allow-Origin` for the origins that `cors` allows. Needs `cors`. Default: false. */
  readonly timingAllowOrigin?: boolean;
  /** `Reporting-Endpoints` (Reporting API): a name and an https URL each. Default: not sent. */
  readonly reportingEndpoints?: Readonly<Record<string, string>> | false;
  /** Further fields, sent where the response has none. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Fields taken off every response. What a server adds later is out of reach. Default: `["Server", "X-Powered-By"]`. */
  readonly remove?: readonly string[];
}

/** What other concerns tell this one, and what it tells the policy. */
export interface HeadersSurroundings {
  /** What CORS allows. */
  readonly cors: "none" | "list" | "*";
  /** The field that carries the request id, in lower case. */
  readonly requestIdField: string;
  /** A mistake that works. */
  readonly warn: (message: string) => void;
}

/** The plans for JSON and for routes with `headers: "html"`; `undefined` where `headers: false` switches all off. */
export interface CompiledHeaders {
  readonly api: HeadersPlan;
  readonly html: HeadersPlan;
}

export function compileHeaders(
  value: unknown,
  path: string,
  issues: Issues,
  surroundings: HeadersSurroundings,
): CompiledHeaders | undefined {
  if (value === false) return undefined;
  const options = new Options(value === undefined ? {} : value, path, issues);
  const fields: Record<string, string> = { ...apiFields };
  if (surroundings.cors === "*") fields["cross-origin-resource-policy"] = "cross-origin";
  readChoices(options, fields);
  const endpoints = readReportingEndpoints(options, fields);
  readPolicies(options, fields, endpoints, issues);
  const strictTransportSecurity = readTransportSecurity(options, issues);
  const cacheControl = readCacheControl(options);
  const timingAllowOrigin = readTimingAllowOrigin(options, surroundings);
  readExtra(options, fields, surroundings);
  const remove = readRemove(options);
  options.done();
  const plan = (named: Record<string, string>, servesHtml: boolean): HeadersPlan => ({
    names: Object.keys(named),
    forCdn: Object.keys(named).filter(isForCdn),
    values: Object.values(named),
    remove,
    strictTransportSecurity,
    cacheControl,
    timingAllowOrigin,
    servesHtml,
  });
  const html = { ...fields };
  for (const [option, field, text] of htmlFields) if (!options.has(option)) html[field] = text;
  return { api: plan(fields, false), html: plan(html, true) };
}

/** Options whose value is the field's value. */
const choices: Readonly<Record<string, readonly [field: string, ...values: string[]]>> = {
  contentTypeOptions: ["x-content-type-options", "nosniff"],
  frameOptions: ["x-frame-options", "DENY", "SAMEORIGIN"],
  referrerPolicy: [
    "referrer-policy",
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
  ],
  crossOriginResourcePolicy: ["cross-origin-resource-policy", "same-origin", "same-site", "cross-origin"],
  crossOriginOpenerPolicy: [
    "cross-origin-opener-policy",
    "same-origin",
    "same-origin-allow-popups",
    "noopener-allow-popups",
    "unsafe-none",
  ],
  crossOriginEmbedderPolicy: ["cross-origin-embedder-policy", "require-corp", "credentialless", "unsafe-none"],
};

function readChoices(options: Options, fields: Record<string, string>): void {
  for (const [key, [field, ...values]] of Object.entries(choices)) {
    const chosen = options.oneOf(key, [...values, false]);
    if (chosen === false) delete fields[field];
    else if (chosen !== undefined) fields[field] = String(chosen);
  }
}

function readPolicies(
  options: Options,
  fields: Record<string, string>,
  endpoints: readonly string[],
  issues: Issues,
): void {
  const csp = options.get("contentSecurityPolicy");
  if (csp === false) delete fields["content-security-policy"];
  else if (csp !== undefined) {
    const path = options.path("contentSecurityPolicy");
    fields["content-security-policy"] = compileContentSecurityPolicy(csp, endpoints, path, issues);
  }
  const permissions = options.get("permissionsPolicy");
  if (permissions !== undefined && permissions !== false) {
    const text = compilePermissionsPolicy(permissions, options.path("permissionsPolicy"), issues);
    if (text !== "") fields["permissions-policy"] = text;
  }
}

function readTransportSecurity(options: Options, issues: Issues): string | undefined {
  const value = options.get("strictTransportSecurity");
  if (value === false) return undefined;
  if (value === undefined) return defaultStrictTransportSecurity;
  return compileStrictTransportSecurity(value, options.path("strictTransportSecurity"), issues);
}

function readCacheControl(options: Options): string | undefined {
  const value = options.get("cacheControl") ?? "no-store";
  if (value === false) return undefined;
  if (!isFieldValue(value))
    options.refuse("cacheControl", `${show(value)} is not a field value such as "no-store", nor false`);
  return value as string; // a mistake throws before it is written
}

function readTimingAllowOrigin(options: Options, { cors }: HeadersSurroundings): HeadersPlan["timingAllowOrigin"] {
  if (!options.boolean("timingAllowOrigin")) return undefined;
  if (cors === "none")
    options.refuse("timingAllowOrigin", "follows the list of cors.origins: configure it, or remove this");
  return cors === "*" ? "*" : "origin";
}

function readReportingEndpoints(options: Options, fields: Record<string, string>): readonly string[] {
  if (options.get("reportingEndpoints") === false) return [];
  const endpoints = options.entries("reportingEndpoints");
  const members: string[] = [];
  for (const [name, url] of endpoints) {
    if (!/^[a-z*][a-z0-9_.*-]*$/.test(name))
      options.refuse("reportingEndpoints", `${show(name)} is not a name of lower-case letters, digits and -`);
    if (typeof url === "string" && /^https:\/\/[!#-[\]-~]+$/.test(url)) members.push(`${name}="${url}"`);
    else options.refuse("reportingEndpoints", `${show(url)} is not an https URL`);
  }
  if (members.length > 0) fields["reporting-endpoints"] = members.join(", ");
  return endpoints.map(([name]) => name);
}

function readExtra(
  options: Options,
  fields: Record<string, string>,
  { requestIdField, warn }: HeadersSurroundings,
): void {
  const seen = new Set<string>();
  for (const [name, text] of options.entries("extra")) {
    const field = name.toLowerCase();
    const isTwice = seen.has(field);
    seen.add(field);
    const reason = isTwice ? "is there twice, in another case" : refusalOfExtra(field, text, requestIdField);
    if (reason !== undefined) options.refuse("extra", `${show(name)}: ${reason}`);
    else fields[field] = String(text);
    const obsolete = entryOf(obsoleteFields, field);
    if (reason === undefined && obsolete !== undefined)
      warn(`headers.extra sends ${name}, which is not needed: ${obsolete}`);
  }
}

function refusalOfExtra(field: string, text: unknown, requestIdField: string): string | undefined {
  if (!isToken(field)) return "is not a field name";
  const objection = objectionTo(field);
  if (objection !== undefined) return objection;
  if (field === requestIdField || field === "x-request-id") return "requestId writes it";
  if (field === "x-xss-protection" && text !== "0") return `only "0" is safe: the filter could be made to leak`;
  if (!isFieldValue(text)) return `${show(text)} is not a field value: Latin-1, one line, no white space around it`;
  return undefined;
}

function readRemove(options: Options): readonly string[] {
  const names = options.strings("remove");
  for (const name of names ?? []) {
    if (!isToken(name)) options.refuse("remove", `${show(name)} is not a field name`);
    else if (/^(?:vary|access-control-.*|www-authenticate|allow|retry-after)$/i.test(name)) {
      options.refuse("remove", `${show(name)} must stay: the response would be wrong without it`);
    }
  }
  return names?.map((name) => name.toLowerCase()) ?? defaultRemoved;
}
