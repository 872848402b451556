/** Whether a value is a Response, of any realm or class: servers and frameworks bring their own. */
export function isResponse(value: unknown): value is Response {
  // Errors of HTTP clients have a status and headers too: those of the answer that they got. They have no body to read.
  return typeof value === "object" && value !== null && "status" in value && "bodyUsed" in value;
}

/** A response that is not ours to touch: a switched protocol. On Workers, those with a WebSocket have this status. */
export function isUpgrade(response: Response): boolean {
  return response.status === 101;
}

/**
 * Whether the body of a response was read, so that it cannot be sent: Deno ends the process then. Asked of the platform's
 * own class alone: those that servers derive from it (@hono/node-server) make a whole response to answer, for 10 µs.
 */
export function isSpent(response: Response): boolean {
  return Object.getPrototypeOf(Object.getPrototypeOf(response)) === Object.prototype && response.bodyUsed;
}
