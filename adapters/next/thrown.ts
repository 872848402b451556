import type { Platform } from "../../src/index.ts";

/**
 * What Next.js means by a value that its functions throw: the answer of `redirect()`, `notFound()` and the like, or what
 * it must see again. It is told by `digest`, as Next.js does. Other digests stand on errors of anybody's.
 */
export const answerThrown: Platform["answerThrown"] = (thrown, { method, headers }) => {
  const { digest } = Object(thrown);
  if (typeof digest !== "string") return undefined;
  const [, location, redirected, refused] =
    /^NEXT_(?:REDIRECT;(?:replace|push);(.*);(30[378]);|HTTP_ERROR_FALLBACK;(40[134]))$/s.exec(digest) ?? [];
  if (refused) return Number(refused);
  if (!location)
    return /^(?:DYNAMIC_SERVER|BAILOUT_TO|HANGING_PROMISE|NEXT)_[A-Z_]+$/.test(digest) ? "rethrow" : undefined;
  // As in Next.js: who sent a form, or called an action, goes on with GET.
  const isForm = /^multipart\/form-data|^application\/x-www-form-urlencoded$/.test(headers.get("content-type") ?? "");
  const seesOther = method === "POST" && (isForm || headers.has("next-action"));
  return new Response(null, { status: seesOther ? 303 : Number(redirected), headers: { location } });
};
