import type { NextRequest } from "next/server.js";
import { problem, type Refusal } from "../../src/index.ts";

/**
 * What Next.js means by a value that its functions throw: the answer of `redirect()`, `notFound()` and the like,
 * `"interruption"` for what it must see again, and `undefined` for an error. It is told by `digest`, as Next.js does.
 */
export function meaningOf(thrown: unknown, request: NextRequest): Response | Refusal | "interruption" | undefined {
  const { digest } = Object(thrown);
  if (typeof digest !== "string") return undefined;
  const [kind = "", ...rest] = digest.split(";");
  if (kind === "NEXT_REDIRECT") return redirection(request, rest);
  if (kind === "NEXT_HTTP_ERROR_FALLBACK") return fallback(rest[0]);
  return interruptions.test(kind) ? "interruption" : undefined;
}

/** What Next.js throws through handlers for itself. Other digests stand on errors of anybody's. */
const interruptions =
  /^(?:DYNAMIC_SERVER_USAGE|BAILOUT_TO_CLIENT_SIDE_RENDERING|HANGING_PROMISE_REJECTION|NEXT_[A-Z_]+)$/;

function redirection({ method, headers }: NextRequest, digest: readonly string[]): Response | undefined {
  const status = digest.at(-2) ?? "";
  if (!/^(?:replace|push)$/.test(digest[0] ?? "") || !/^30[378]$/.test(status)) return undefined;
  const type = headers.get("content-type") ?? "";
  // As in Next.js: who sent a form goes on with GET.
  const isForm = type === "application/x-www-form-urlencoded" || type.startsWith("multipart/form-data");
  const seesOther = method === "POST" && (isForm || headers.has("next-action"));
  const location = digest.slice(1, -2).join(";");
  return new Response(null, { status: seesOther ? 303 : Number(status), headers: { location } });
}

/** Only the user's code knows a challenge for `unauthorized()`; without one a 401 is no complete refusal. */
function fallback(status: string | undefined): Response | Refusal | undefined {
  if (status === "404") return problem(404, "not_found");
  if (status === "403") return problem(403, "forbidden");
  return status === "401" ? new Response(null, { status: 401 }) : undefined;
}
