import type { Exchange } from "../exchange.ts";
import { type Refusal, refuse } from "../problem.ts";

/** The default of `content.maxBodyBytes`: 1 MiB. */
export const defaultMaxBodyBytes = 1_048_576;

export const tooLarge: Refusal = /* @__PURE__ */ refuse(413, "content_too_large", "The request body is too long.");
const invalidLength = /* @__PURE__ */ refuse(400, "invalid_content_length", "Content-Length is not a number of bytes.");

/**
 * What the fields say of a body (RFC 9112 §6.3). `"undeclared"` may be none: HTTP/2 needs no length, and a body is not
 * null on Deno, srvx and @hono/node-server where nothing was sent.
 */
export type BodyPresence = "none" | "declared" | "undeclared";

/** Judges the declared length, and notes whether there is a body. The bytes themselves are counted when they come. */
export function refuseLength({ request, method, body }: Exchange, maxBodyBytes: number): Refusal | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  const { headers } = request;
  const length = headers.get("content-length");
  const bytes = length === null ? undefined : parseLength(length);
  if (bytes === null) return invalidLength;
  if (bytes !== undefined && bytes > maxBodyBytes) return tooLarge;
  if (bytes !== undefined ? bytes > 0 : headers.has("transfer-encoding")) body.presence = "declared";
  else if (request.body !== null) body.presence = "undeclared";
  return undefined;
}

/** Equal duplicates collapse (RFC 9110 §8.6); `null` for anything else that is not one number. */
function parseLength(value: string): number | null {
  const [first = "", ...others] = value.split(",").map((member) => member.trim());
  const isNumber = /^\d+$/.test(first) && others.every((other) => other === first);
  return isNumber ? Number(first) : null;
}
