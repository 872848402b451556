import { BodyTooLargeError } from "./content/body.ts";
import { tooLarge } from "./content/size.ts";
import type { Exchange } from "./exchange.ts";
import { internalError } from "./exit.ts";
import type { TimeLimit } from "./handler-timeout.ts";
import { isPromise, type MaybePromise } from "./lib/maybe-promise.ts";
import { isRefusal, type Refusal, refuseByStatus } from "./problem.ts";
import { isResponse } from "./response.ts";
import { tell } from "./tell.ts";
import type { RequestContext } from "./types.ts";

/** The user's handler, its types checked at the surface. */
export type AnyHandler = (request: Request, context: RequestContext, ...native: readonly unknown[]) => unknown;

/** The user's answer to what a handler threw. */
export type OnError = (error: unknown, context: RequestContext) => MaybePromise<Response | Refusal | undefined>;

/** Calls the handler for its answer, the platform's arguments beside the request. */
export type CallHandler = (
  exchange: Exchange,
  handler: AnyHandler,
  native: readonly unknown[],
) => MaybePromise<unknown>;

/** Compiles the call of a policy's handlers. What they throw is answered here: no message and no stack of it leaves. */
export function compileCall(onError?: OnError, limitTime?: TimeLimit): CallHandler {
  const call: CallHandler = (exchange, handler, native) => {
    try {
      const answer = handler(exchange.handlerRequest, exchange.context, ...native);
      return isPromise(answer) ? answerLater(answer, onError, exchange) : answer;
    } catch (error) {
      return answerError(error, onError, exchange);
    }
  };
  const timed: CallHandler =
    limitTime === undefined
      ? call
      : (exchange, handler, native) => limitTime(exchange, () => call(exchange, handler, native));
  return (exchange, handler, native) => {
    const answer = timed(exchange, handler, native);
    return exchange.hasCountedBody ? overrunOr(answer, exchange) : answer;
  };
}

async function answerLater(
  answer: Promise<unknown>,
  onError: OnError | undefined,
  exchange: Exchange,
): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    return answerError(error, onError, exchange);
  }
}

/** What the handler made of a body that is too long does not count. One that it still reads may yet become too long. */
function overrunOr(answer: unknown, exchange: Exchange): MaybePromise<unknown> {
  if (isPromise(answer)) return answer.then((settled) => overrunOr(settled, exchange));
  const { isOverrun, isTold } = exchange.body;
  if (isOverrun) return isTold ? tooLarge : tell(tooLarge, exchange);
  exchange.body.onOverrun = () =>
    exchange.warn("body_overrun", "a body that is still being read is too long; its stream was ended");
  return answer;
}

async function answerError(error: unknown, onError: OnError | undefined, exchange: Exchange): Promise<unknown> {
  if (exchange.body.isOverrun || error instanceof BodyTooLargeError) return tooLarge;
  if (isResponse(error) || isRefusal(error)) return error;
  if (exchange.isObeyed(error)) return internalError; // nobody waits for an answer
  const meant = exchange.answerThrown(error);
  if (meant === "rethrow") throw error;
  if (meant !== undefined) return meant;
  try {
    const answer = await onError?.(error, exchange.context);
    if (isResponse(answer) || isRefusal(answer)) return answer; // anything else leaves the error to be told of
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
