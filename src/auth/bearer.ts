/** Whether `Authorization` speaks the scheme `Bearer`, well or badly: also when a second value was joined to it. */
export function hasBearer(request: Request): boolean {
  const value = request.headers.get("authorization");
  return value !== null && /(?:^|,)[ \t]*bearer(?:[ \t,]|$)/i.test(value);
}

/** The credential of `Authorization: Bearer` (RFC 6750 §2.1); `undefined` when it is not exactly one. */
export function bearerCredential(request: Request): string | undefined {
  const value = request.headers.get("authorization");
  return value === null ? undefined : /^bearer +([\w.~+/-]+=*)$/i.exec(value)?.[1];
}

/** What stands where a credential should, not looked at: enough to find one that was, which takes a third of the time. */
export function unreadBearer(request: Request): string {
  const value = request.headers.get("authorization") ?? "";
  return value.slice(0, 7).toLowerCase() === "bearer " ? value.slice(7) : "";
}

/** Whether a token is in the query, where logs and histories keep it (RFC 9700 §4.3.2). */
export function hasTokenInQuery({ url }: Request): boolean {
  const start = url.indexOf("?");
  if (start === -1 || !url.includes("token", start)) return false;
  const fragment = url.indexOf("#", start);
  return new URLSearchParams(url.slice(start, fragment === -1 ? url.length : fragment)).has("access_token");
}
