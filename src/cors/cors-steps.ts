import type { Exchange } from "../exchange.ts";
import { andThen, isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import type { Refusal } from "../problem.ts";
import type { CorsPlan } from "./cors.ts";
import { refusePreflight } from "./preflight.ts";

/** Notes whether the origin is in the list. */
export function judgeOrigin(origins: NonNullable<CorsPlan["origins"]>, exchange: Exchange): MaybePromise<undefined> {
  if (exchange.origin === null) return undefined;
  const allowed = origins === "*" || origins(exchange.origin);
  if (isPromise(allowed)) return noteLater(allowed, exchange);
  exchange.originAllowed = allowed;
  return undefined;
}

async function noteLater(allowed: Promise<boolean>, exchange: Exchange): Promise<undefined> {
  exchange.originAllowed = await allowed;
}

const withoutCors = /* @__PURE__ */ refusePreflight("no_cors");

/** Nothing goes further than this step with a preflight: `null`, which is no answer, ends as an error. */
export function answerPreflight(
  preflight: CorsPlan["preflight"] | undefined,
  exchange: Exchange,
): MaybePromise<Refusal | Response | null | undefined> {
  if (!exchange.isPreflight) return undefined;
  if (preflight === undefined) return withoutCors;
  return andThen(preflight(exchange), (settled) => settled ?? null);
}
