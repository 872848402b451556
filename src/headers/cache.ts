/** The default for a response without `Cache-Control`: nothing is kept, unless the handler gave it a validator. */
export function defaultCacheControl(headers: Headers, status: number): string {
  // A bare 304 rewrites the stored response's Cache-Control (RFC 9111 §4.3.4); no-store there would drop what it confirms.
  const isValidated = status === 304 || headers.has("etag") || headers.has("last-modified");
  return isValidated ? "private, no-cache" : "no-store";
}

/**
 * Keeps a response for one user out of shared caches (RFC 9111 §3.5): `public` and `s-maxage` go, `private` comes, and
 * so go the fields that CDNs prefer to `Cache-Control` (RFC 9213).
 *
 * @returns whether anything was changed.
 */
export function narrowCache(headers: Headers): boolean {
  const value = headers.get("cache-control");
  const directives = value === null ? [] : splitDirectives(value);
  if (directives.some((directive) => /^(?:private|no-store)$/i.test(directive))) return false;
  const targeted = [...headers.keys()].filter((name) => /(?:^|-)cdn-cache-control$|^surrogate-control$/i.test(name));
  for (const name of targeted) headers.delete(name);
  if (value === null) return targeted.length > 0;
  const kept = directives.filter((directive) => !/^(?:public|private|s-maxage)(?:\s*=|$)/i.test(directive));
  headers.set("cache-control", [...kept, "private"].join(", "));
  return true;
}

/** Splits at commas outside quoted strings, as in `private="set-cookie, x"`. */
function splitDirectives(value: string): string[] {
  return value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g)?.map((directive) => directive.trim()) ?? [];
}
