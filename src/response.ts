/** Whether a value is a Response, of any realm or class: servers and frameworks bring their own. */
export function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true;
  if (typeof value !== "object" || value === null || !("status" in value) || !("headers" in value)) return false;
  const { status, headers } = value;
  return typeof status === "number" && typeof headers === "object" && headers !== null && "set" in headers;
}

/** A response that is not ours to touch: a switched protocol, or a WebSocket of Workers. */
export function isUpgrade(response: Response & { readonly webSocket?: unknown }): boolean {
  return response.status === 101 || (response.webSocket ?? null) !== null;
}
