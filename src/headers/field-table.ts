/** The fields of a JSON API and their values, for the default policy. Together 7 fields and at most 270 bytes. */
export const apiFields: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** What differs for pages: `routes: { "/docs": { headers: "html" } }`. */
export const htmlFields: readonly (readonly [option: string, field: string, value: string])[] = [
  [
    "contentSecurityPolicy",
    "content-security-policy",
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  ],
  // With no-referrer on a page, browsers send `Origin: null` with its form posts.
  ["referrerPolicy", "referrer-policy", "strict-origin-when-cross-origin"],
];

export const defaultStrictTransportSecurity = "max-age=63072000";
export const defaultRemoved: readonly string[] = ["server", "x-powered-by"];

/** Fields that no response should carry any more, and why: config errors. */
const harmfulFields: Readonly<Record<string, string>> = {
  "public-key-pins": "browsers dropped it after it locked sites out",
  "public-key-pins-report-only": "browsers dropped it",
  "expect-ct": "certificate transparency is enforced without it",
  "report-to": "write headers.reportingEndpoints",
  nel: "it reports your users' errors to a third party; measure on the server",
};

/** Fields that do nothing for an API: a warning. */
export const obsoleteFields: Readonly<Record<string, string>> = {
  "x-xss-protection": "browsers removed the filter that it controlled",
  "x-download-options": "only Internet Explorer 8 read it",
  "x-dns-prefetch-control": "it concerns links in pages",
  "x-permitted-cross-domain-policies": "Flash and Acrobat read it",
  pragma: "it was never defined for responses; Cache-Control says it",
  expires: "Cache-Control overrides it",
};

/** Fields that have an option of their own, or that another part of the policy or the server writes. */
const ownedFields: Readonly<Record<string, string>> = {
  "cache-control": "write headers.cacheControl",
  "content-security-policy": "write headers.contentSecurityPolicy",
  "cross-origin-embedder-policy": "write headers.crossOriginEmbedderPolicy",
  "cross-origin-opener-policy": "write headers.crossOriginOpenerPolicy",
  "cross-origin-resource-policy": "write headers.crossOriginResourcePolicy",
  "permissions-policy": "write headers.permissionsPolicy",
  "referrer-policy": "write headers.referrerPolicy",
  "reporting-endpoints": "write headers.reportingEndpoints",
  "strict-transport-security": "write headers.strictTransportSecurity",
  "timing-allow-origin": "write headers.timingAllowOrigin",
  "x-content-type-options": "write headers.contentTypeOptions",
  "x-frame-options": "write headers.frameOptions",
  allow: "the policy writes it where it is needed",
  connection: "the server writes it",
  "content-encoding": "it belongs to the handler's body",
  "content-length": "the server writes it",
  "content-type": "it belongs to the handler's body",
  location: "it belongs to the handler",
  "retry-after": "the policy writes it where it is needed",
  "set-cookie": "it belongs to the handler",
  "transfer-encoding": "the server writes it",
  vary: "it is merged from what the policy reads; add to it in the handler",
  "www-authenticate": "auth writes it",
};

/** Why nobody may choose this name for a field of their own; `undefined` where they may. */
export function objectionTo(field: string): string | undefined {
  if (field.startsWith("access-control-")) return "cors writes these fields";
  if (/^(?:x-)?ratelimit/.test(field)) return "rateLimit writes these fields";
  const harm = entryOf(harmfulFields, field);
  return harm === undefined ? entryOf(ownedFields, field) : `must not be sent: ${harm}`;
}

/** What a table says of a field, whose name may be that of a member of every object. */
export function entryOf(table: Readonly<Record<string, string>>, field: string): string | undefined {
  return Object.hasOwn(table, field) ? table[field] : undefined;
}
