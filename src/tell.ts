import type { Exchange } from "./exchange.ts";
import { isPromise, type MaybePromise } from "./lib/maybe-promise.ts";
import { isRefusal, type Refusal } from "./problem.ts";
import type { RequestStep } from "./steps.ts";

/** Tells of a refusal that no event of its own tells of; or, in report mode, of one that is none. */
export function tell(refusal: Refusal, exchange: Exchange, isReport = false): Refusal {
  const { code, status, reason } = refusal;
  if (code !== "auth_unavailable") {
    exchange.emit({
      type: "refused",
      code,
      status,
      ...(reason !== undefined && { reason }),
      ...(isReport && { reported: true }),
    });
  }
  return refusal;
}

/** A step whose refusals are told of. */
export function told(step: RequestStep): RequestStep {
  return (exchange) => telling(step(exchange), exchange);
}

function telling<Answer>(answer: MaybePromise<Answer>, exchange: Exchange): MaybePromise<Answer> {
  if (answer === undefined) return answer;
  if (isPromise(answer)) return tellingLater(answer, exchange);
  if (isRefusal(answer)) tell(answer, exchange);
  return answer;
}

async function tellingLater<Answer>(answer: Promise<Answer>, exchange: Exchange): Promise<Answer> {
  return telling(await answer, exchange);
}
