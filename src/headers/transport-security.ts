import { type Issues, Options } from "../lib/options.ts";

/** `Strict-Transport-Security` (RFC 6797 §6.1). Sent only where the client's scheme is https and the host is a name. */
export interface StrictTransportSecurityOptions {
  /** How long browsers keep to https. 0 (which makes them forget) to 10 years. Default: 63072000, two years. */
  readonly maxAgeSeconds?: number;
  /** Also for every host below this one. Default: false, since an API's siblings may still speak http. */
  readonly includeSubDomains?: boolean;
  /** Asks for a place in the browsers' preload list. Needs `includeSubDomains` and at least a year. Default: false. */
  readonly preload?: boolean;
}

const yearSeconds = 31_536_000;

/** The text of the field. */
export function compileStrictTransportSecurity(value: unknown, path: string, issues: Issues): string {
  const options = new Options(value, path, issues);
  const maxAgeSeconds = options.integer("maxAgeSeconds", 0, 10 * yearSeconds, "seconds") ?? 2 * yearSeconds;
  const includeSubDomains = options.boolean("includeSubDomains") ?? false;
  const preload = options.boolean("preload") ?? false;
  options.done();
  if (preload && !(includeSubDomains && maxAgeSeconds >= yearSeconds)) {
    options.refuse("preload", `needs includeSubDomains: true and maxAgeSeconds of at least ${yearSeconds}`);
  }
  return `max-age=${maxAgeSeconds}${includeSubDomains ? "; includeSubDomains" : ""}${preload ? "; preload" : ""}`;
}

const localOrAddress = /^(?:(?:[^:]*\.)?localhost\.?|(?:\d+\.){3}\d+|\[[\da-f:.]+\])(?::\d*)?$/i;

/**
 * Whether a host, with its port, may have the field: never localhost (Safari would then upgrade every
 * local server), never an address (RFC 6797 §8.1.1).
 */
export function mayCarryTransportSecurity(host: string): boolean {
  return !localOrAddress.test(host);
}
