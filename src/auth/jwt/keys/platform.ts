/** Whether this is Cloudflare Workers, where no request may wait for the I/O of another. */
export function isWorkers(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
