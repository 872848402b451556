/** Whether this is Cloudflare Workers, by a class that nobody else has: `navigator` would be loaded first on Node. */
export function isWorkers(): boolean {
  return "WebSocketPair" in globalThis;
}
