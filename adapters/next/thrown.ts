import type { NextRequest } from "next/server.js";
import { problem, type Refusal } from "../../src/index.ts";

/**
 * What Next.js means by a value that its functions throw: the answer of `redirect()`, `notFound()` and the like,
 * `"interruption"` for what it must see again, and `undefined` for an error. It is told by `digest`, as Next.js does.
 */
export function meaningOf(thrown: unknown, request: NextRequest): Response | Refusal | "interruption" | undefined {
  const [kind = "", ...rest] = String(Object(thrown).digest).split(";");
  if (kind === "NEXT_REDIRECT") return redirection(request, rest);
  if (kind === "NEXT_HTTP_ERROR_FALLBACK") return fallback(rest[0]);
  return /^[A-Z]+_[A-Z_]+$/.test(kind) ? "interruption" : undefined; // a number stands on errors of "use cache"
}

function redirection({ method, headers }: NextRequest, digest: readonly string[]): Response {
  const type = headers.get("content-type") ?? "";
  // As in Next.js: who sent a form goes on with GET.
  const isForm = type === "application/x-www-form-urlencoded" || type.startsWith("multipart/form-data");
  const seesOther = method === "POST" && (isForm || headers.has("next-action"));
  const location = digest.slice(1, -2).join(";");
  return new Response(null, { status: seesOther ? 303 : Number(digest.at(-2)), headers: { location } });
}

/** Only the user's code knows a challenge for `unauthorized()`; without one a 401 is no complete refusal. */
function fallback(status: string | undefined): Response | Refusal {
  if (status === "404") return problem(404, "not_found");
  if (status === "403") return problem(403, "forbidden");
  return new Response(null, { status: 401 });
}
