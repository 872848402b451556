import type { Exchange } from "../exchange.ts";
import { isWorkers } from "../lib/workers.ts";
import { type Refusal, refuse } from "../problem.ts";

/** The default of `content.maxBodyBytes`: 1 MiB. */
export const defaultMaxBodyBytes = 1_048_576;

export const tooLarge: Refusal = /* @__PURE__ */ refuse(413, "content_too_large", "The request body is too long.");
const invalidLength = /* @__PURE__ */ refuse(400, "invalid_content_length", "Content-Length is not a number of bytes.");

/** Judges the declared length, and notes whether there is a body. The bytes themselves are counted when they come. */
export function lengthStep(maxBodyBytes: number): (exchange: Exchange) => Refusal | undefined {
  // A GET has no body: no server hands one on but workerd, where nothing could count it.
  const mayGetHaveBody = isWorkers();
  return ({ request, method, body }) => {
    if (method === "GET" || method === "HEAD") return mayGetHaveBody && request.body !== null ? tooLarge : undefined;
    const { headers } = request;
    const length = headers.get("content-length");
    const bytes = length === null ? 0 : parseLength(length);
    if (bytes === null) return invalidLength;
    if (bytes > maxBodyBytes) return tooLarge;
    const isLong = bytes > 0;
    // workerd alone lets both fields in, and goes by this one, as it should (RFC 9112 §6.3).
    if (headers.has("transfer-encoding") || (isLong && isCoded(headers))) body.presence = "streamed";
    else if (isLong) body.presence = "sized";
    else if (request.body !== null) body.presence = "undeclared";
    return undefined;
  };
}

function isCoded(headers: Headers): boolean {
  return (headers.get("content-encoding") ?? "identity") !== "identity";
}

/** Equal duplicates collapse (RFC 9110 §8.6); `null` for anything else that is not one number. */
function parseLength(value: string): number | null {
  const [first = "", ...others] = value.split(",").map((member) => member.trim());
  const isNumber = /^\d+$/.test(first) && others.every((other) => other === first);
  return isNumber ? Number(first) : null;
}
