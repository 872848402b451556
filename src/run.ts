import type { AnyHandler, CallHandler } from "./call-handler.ts";
import { Exchange, type ExchangePlan, exchangeOf } from "./exchange.ts";
import { type ExitPlan, type ExitRoute, internalError, leave } from "./exit.ts";
import { firstAnswer, isPromise } from "./lib/maybe-promise.ts";
import type { Tightening } from "./policy-interface.ts";
import { isRefusal, type Refusal, renderRefusal } from "./problem.ts";
import type { RequestStep } from "./steps.ts";
import { tell } from "./tell.ts";
import type { Platform, RequestContext } from "./types.ts";

/** What requests need of a policy and of one handler's requirements. Everything in it was computed at construction. */
export interface Plan extends ExchangePlan, ExitPlan {
  /** What is noted of every request, whatever its path. */
  readonly first: readonly RequestStep[];
  readonly selectRoute: ((path: string) => RoutePlan | Refusal | undefined) | undefined;
  /** For every path without an entry of its own. */
  readonly base: RoutePlan;
  readonly callHandler: CallHandler;
}

/** What may differ by path. */
export interface RoutePlan extends ExitRoute {
  /** The first ones of the plan among them. */
  readonly steps: readonly RequestStep[];
}

/**
 * One request through the policy and its handler. What goes wrong is an answer too, but what the platform must see itself.
 * Not an async function, which would cost a request that waits for nothing three times the promise alone.
 */
export function run(
  plan: Plan,
  request: Request,
  platform: Platform,
  handler: AnyHandler,
  native: readonly unknown[],
): Promise<Response> {
  const exchange = new Exchange(plan, request, platform); // 1 request id
  const route = routeFor(plan, exchange); // 2 which rules apply to the path
  let answer: unknown;
  try {
    answer = firstAnswer(route.steps, exchange); // 2 to 10
    if (answer === undefined)
      answer = plan.callHandler(exchange, handler, native); // 11
    else if (isPromise(answer)) answer = callLater(answer, plan, exchange, handler, native);
  } catch (error) {
    answer = Promise.reject(error);
  }
  if (isPromise(answer)) return leaveLater(answer, plan, route, exchange);
  return Promise.resolve(leave(exchange.tightened ?? plan, route, exchange, answer)); // 12 the one exit
}

async function callLater(
  refusal: Promise<unknown>,
  plan: Plan,
  exchange: Exchange,
  handler: AnyHandler,
  native: readonly unknown[],
): Promise<unknown> {
  const answer = await refusal;
  return answer === undefined ? plan.callHandler(exchange, handler, native) : answer;
}

async function leaveLater(
  pending: Promise<unknown>,
  plan: Plan,
  route: RoutePlan,
  exchange: Exchange,
): Promise<Response> {
  let answer: unknown;
  try {
    answer = await pending;
  } catch (error) {
    answer = exchange.answerThrown(error);
    if (answer === "rethrow") throw error;
    if (answer === undefined) exchange.fail(error);
    answer ??= internalError;
  }
  return leave(exchange.tightened ?? plan, route, exchange, answer);
}

/**
 * Takes a request that is with a handler through the steps that a tightening has left. Never rejects, unless the context
 * is not one of the same policy.
 */
export async function tighten(plan: Plan, context: RequestContext, request: Request): Promise<Tightening> {
  const exchange = exchangeOf(context);
  if (exchange?.policy !== plan.policy)
    throw new TypeError("tighten() takes the context that a handler of the same policy got, and no copy of it");
  if (exchange.tightenings.includes(plan)) return { refusal: undefined, request };
  exchange.handlerRequest = request;
  const { counted } = exchange;
  let answer: unknown;
  try {
    answer = await firstAnswer(routeFor(plan, exchange).steps, exchange);
  } catch (error) {
    exchange.fail(error);
    answer = internalError;
  }
  if (exchange.counted !== counted) exchange.tightened = plan;
  if (!isRefusal(answer)) exchange.tightenings = [...exchange.tightenings, plan];
  return {
    refusal: isRefusal(answer)
      ? renderRefusal(answer, exchange.requestId, exchange.request, plan.renderProblem)
      : undefined,
    request: exchange.handlerRequest,
  };
}

/** The rules of a path. One that is malformed, or that routers read in more than one way, gets nothing but a refusal. */
function routeFor(plan: Plan, exchange: Exchange): RoutePlan {
  const chosen = plan.selectRoute?.(exchange.path);
  return isRefusal(chosen)
    ? { ...plan.base, steps: [...plan.first, () => tell(chosen, exchange)] }
    : (chosen ?? plan.base);
}
