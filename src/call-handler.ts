import { BodyTooLargeError } from "./content/body.ts";
import { tooLarge } from "./content/size.ts";
import type { Exchange } from "./exchange.ts";
import { internalError } from "./exit.ts";
import { isPromise, type MaybePromise } from "./lib/maybe-promise.ts";
import { isRefusal, type Refusal, refuseByStatus } from "./problem.ts";
import { isResponse } from "./response.ts";
import type { RequestContext } from "./types.ts";

/** The user's handler, its types checked at the surface. */
export type AnyHandler = (request: Request, context: RequestContext, ...native: readonly unknown[]) => unknown;

/** The user's answer to what a handler threw. */
export type OnError = (error: unknown, context: RequestContext) => MaybePromise<Response | undefined>;

/** Calls the handler. What it throws is answered here: no message and no stack of it leaves. */
export function callHandler(
  onError: OnError | undefined,
  exchange: Exchange,
  context: RequestContext,
  handler: AnyHandler,
  native: readonly unknown[],
): MaybePromise<unknown> {
  try {
    const answer = handler(exchange.handlerRequest, context, ...native);
    if (!isPromise(answer)) return answer;
    return answer.then(undefined, (error: unknown) => answerError(error, onError, exchange, context));
  } catch (error) {
    return answerError(error, onError, exchange, context);
  }
}

async function answerError(
  error: unknown,
  onError: OnError | undefined,
  exchange: Exchange,
  context: RequestContext,
): Promise<unknown> {
  if (exchange.body.isOverrun || error instanceof BodyTooLargeError) return tooLarge;
  if (isResponse(error) || isRefusal(error)) return error;
  const meant = exchange.answerThrown(error);
  if (meant === "rethrow") throw error;
  if (meant !== undefined) return meant;
  try {
    const answer = await onError?.(error, context);
    if (answer !== undefined) return answer;
  } catch (second) {
    exchange.fail(second);
  }
  const exposed = exposedRefusal(error);
  if (exposed !== undefined) return exposed;
  exchange.fail(error);
  return internalError;
}

/** An error that says itself that its 4xx status may be shown, as `http-errors` makes them. Its message is not. */
function exposedRefusal(error: unknown): Refusal | undefined {
  const { expose, status } = Object(error);
  const isExposed = expose === true && Number.isInteger(status) && status >= 400 && status <= 499;
  return isExposed ? refuseByStatus(status) : undefined;
}
