import type { ResponseFields } from "../response-fields.ts";

/** The default for a response without `Cache-Control`: nothing is kept, unless the handler gave it a validator. */
export function defaultCacheControl(fields: ResponseFields, status: number): string {
  // A bare 304 rewrites the stored response's Cache-Control (RFC 9111 §4.3.4); no-store there would drop what it confirms.
  const isValidated = status === 304 || fields.has("etag") || fields.has("last-modified");
  return isValidated ? "private, no-cache" : "no-store";
}

/** Whether a `Cache-Control` value keeps shared caches away by itself: an unqualified `private`, or `no-store`. */
function isPrivate(value: string | null): boolean {
  return value !== null && splitDirectives(value).some((directive) => /^(?:private|no-store)$/i.test(directive));
}

/** Whether CDNs prefer a field to `Cache-Control` (RFC 9213). */
export function isForCdn(name: string): boolean {
  return /(?:^|-)cdn-cache-control$|^surrogate-control$/.test(name);
}

/**
 * Keeps a response for one user out of shared caches (RFC 9111 §3.5): `public` and `s-maxage` go, `private` comes, and
 * so go, also beside `private`, the fields for CDNs.
 *
 * @param sent - Those that the policy itself has written.
 * @returns whether something was there that had to go.
 */
export function narrowCache(fields: ResponseFields, sent: readonly string[]): boolean {
  const targeted = [...fields.foreign(isForCdn), ...sent];
  for (const name of targeted) fields.delete(name);
  const value = fields.get("cache-control");
  if (isPrivate(value)) return targeted.length > 0;
  const kept = splitDirectives(value ?? "").filter(
    (directive) => !/^(?:public|private|s-maxage)(?:\s*=|$)/i.test(directive),
  );
  fields.amend("cache-control", [...kept, "private"].join(", "));
  return value !== null || targeted.length > 0;
}

/** Splits at commas outside quoted strings, as in `private="set-cookie, x"`. */
function splitDirectives(value: string): string[] {
  return value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g)?.map((directive) => directive.trim()) ?? [];
}
