/**
 * The path of a URL as it is written, without query. Deno hands on what came, unread: where the path of a URL is another
 * one for `new URL()` than for routers that look for the first slash, it is one that cannot be decoded.
 */
export function pathOf(url: string): string {
  return /^\w+:\/\/[^\\/?#]+(\/[!"$->@-[\]-~]*)(?:[?#]|$)/.exec(url)?.[1] ?? "%";
}

/** The host of a URL as it is written, with its port. */
export function hostOf(url: string): string {
  const start = url.indexOf("://") + 3;
  const end = url.indexOf("/", start);
  return url.slice(start, end === -1 ? url.length : end);
}
