import type { AuthenticateStep, RequirementStep } from "./auth/auth.ts";
import { type AnyHandler, callHandler, type OnError } from "./call-handler.ts";
import type { ChecksStep } from "./checks.ts";
import type { FieldsStep } from "./content/content.ts";
import type { InputsStep } from "./content/inputs.ts";
import { tooLarge } from "./content/size.ts";
import type { CorsPlan } from "./cors/cors.ts";
import { type CrossOriginPlan, refuseCrossOrigin } from "./cors/cross-origin.ts";
import { Exchange, type ExchangePlan, exchangeOf } from "./exchange.ts";
import { type ExitPlan, type ExitRoute, internalError, leave } from "./exit.ts";
import type { TimeLimit } from "./handler-timeout.ts";
import { andThen, firstAnswer, isPromise, type MaybePromise, type Step } from "./lib/maybe-promise.ts";
import type { MethodsPlan } from "./methods.ts";
import type { Tightening } from "./policy-interface.ts";
import { isRefusal, type Refusal, refuse, renderRefusal } from "./problem.ts";
import type { TakeStep } from "./rate-limit/take.ts";
import { tell, telling } from "./tell.ts";
import type { Platform, RequestContext } from "./types.ts";

/** What requests need of a policy and of one handler's requirements. Everything in it was computed at construction. */
export interface Plan extends ExchangePlan, ExitPlan {
  readonly cors: CorsPlan | undefined;
  readonly requireHttps: boolean;
  readonly onError: OnError | undefined;
  readonly limitTime: TimeLimit | undefined;
  readonly selectRoute: ((path: string) => RoutePlan | Refusal | undefined) | undefined;
  /** For every path without an entry of its own. */
  readonly base: RoutePlan;
}

/** What may differ by path. */
export interface RoutePlan extends ExitRoute {
  /** What every request gets. */
  readonly refusal?: Refusal;
  readonly methods: MethodsPlan;
  readonly crossOrigin: CrossOriginPlan | undefined;
  readonly checkFields: FieldsStep;
  readonly limitByAddress: TakeStep | undefined;
  readonly authenticate: AuthenticateStep | undefined;
  readonly noteAuthFailure: ((exchange: Exchange) => MaybePromise<void>) | undefined;
  readonly limitByIdentity: TakeStep | undefined;
  readonly requirement: RequirementStep | undefined;
  readonly runChecks: ChecksStep | undefined;
  readonly takeInputs: InputsStep;
}

/** A request on its way through a policy to a handler. */
interface Passage {
  readonly plan: Plan;
  readonly route: RoutePlan;
  readonly exchange: Exchange;
  /** What the steps lead to; `undefined` where a handler already runs that is held to more. */
  readonly handler: AnyHandler | undefined;
  readonly native: readonly unknown[];
}

/** One request through the policy and its handler. What goes wrong is an answer too, but what the platform must see itself. */
export async function run(
  plan: Plan,
  request: Request,
  platform: Platform,
  handler: AnyHandler,
  native: readonly unknown[],
): Promise<Response> {
  const exchange = new Exchange(plan, request, platform); // 1 request id
  const route = routeFor(plan, exchange);
  let answer: unknown;
  try {
    const passed = firstAnswer(steps, { plan, route, exchange, handler, native });
    answer = isPromise(passed) ? await passed : passed;
  } catch (error) {
    answer = exchange.answerThrown(error);
    if (answer === "rethrow") throw error;
    if (answer === undefined) exchange.fail(error);
    answer ??= internalError;
  }
  return leave(exchange.tightened ?? plan, route, exchange, answer); // 12 the one exit
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
    const route = routeFor(plan, exchange);
    answer = await firstAnswer(steps, { plan, route, exchange, handler: undefined, native: [] });
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

/** The steps, in the one order that is safe. Whichever answers first ends them; none goes back. */
const steps: readonly Step<Passage>[] = [
  judgeOrigin, // every later answer, refusals included, says whether the origin may read it
  refuseRequestLine, // 2 which rules apply to the path, and whether the method exists
  answerPreflight, // 3 no credentials, no quota, no body
  protectFromOtherOrigins, // 4
  refuseByFields, // 5 what the fields say of the content
  limitByAddress, // 6 shields what follows
  authenticate, // 7
  limitByIdentity, // 8 an unverified key must never choose a bucket
  refuseCaller, // 9 what the handler asks of the caller ...
  runChecks, // ... then the policy's own checks
  takeInputs, // 10 the body counted and read; params, query and body by their schemas
  callForAnswer, // 11 the handler
];

/** The rules of a path. One that is malformed, or that routers read in more than one way, gets nothing but a refusal. */
function routeFor(plan: Plan, exchange: Exchange): RoutePlan {
  const chosen = plan.selectRoute?.(exchange.path);
  return isRefusal(chosen) ? { ...plan.base, refusal: chosen } : (chosen ?? plan.base);
}

const noGuess = /^credentials_required$|_expired$|_not_yet_valid$/;
const preflightRefused = /* @__PURE__ */ refuse(403, "preflight_refused", "This cross-origin request is not allowed.");
const httpsRequired = /* @__PURE__ */ refuse(403, "https_required", "This resource is served over https only.");

function judgeOrigin({ plan: { cors }, exchange }: Passage): MaybePromise<undefined> {
  if (cors?.origins === undefined || exchange.origin === null) return undefined;
  const allowed = cors.origins === "*" || cors.origins(exchange.origin);
  if (isPromise(allowed)) return noteLater(allowed, exchange);
  exchange.originAllowed = allowed;
  return undefined;
}

async function noteLater(allowed: Promise<boolean>, exchange: Exchange): Promise<undefined> {
  exchange.originAllowed = await allowed;
}

/** A preflight asks for another method than its own. */
function refuseRequestLine({ plan, route, exchange }: Passage): Refusal | undefined {
  if (route.refusal !== undefined) return tell(route.refusal, exchange);
  if (plan.requireHttps && !exchange.isHttps) return tell(httpsRequired, exchange);
  if (exchange.isPreflight || route.methods.allows(exchange.method)) return undefined;
  return tell(route.methods.refusal, exchange);
}

/** Nothing goes further than this step with a preflight: `null`, which is no answer, ends as an error. */
function answerPreflight({ plan: { cors }, exchange }: Passage): MaybePromise<unknown> {
  if (!exchange.isPreflight) return undefined;
  if (cors === undefined) return tell(preflightRefused, exchange);
  const answer = telling(cors.preflight(exchange), exchange);
  return andThen(answer, (settled) => settled ?? null);
}

function protectFromOtherOrigins({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return route.crossOrigin && telling(refuseCrossOrigin(route.crossOrigin, exchange), exchange);
}

function refuseByFields({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return telling(route.checkFields(exchange), exchange);
}

function limitByAddress({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return route.limitByAddress?.(exchange);
}

function authenticate({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  if (route.authenticate === undefined) return undefined;
  const admit = (refusal: Refusal | undefined): MaybePromise<Refusal | undefined> => {
    if (refusal !== undefined) return noteFailure(tell(refusal, exchange), route, exchange);
    Object.assign(exchange.context, { auth: exchange.auth });
    return undefined;
  };
  const refusal = route.authenticate(exchange, exchange.context);
  return andThen(refusal, admit);
}

/** A wrong credential may be a guess; one that is missing, has expired or is early is none. */
function noteFailure(refusal: Refusal, route: RoutePlan, exchange: Exchange): MaybePromise<Refusal> {
  if (refusal.status !== 401 || noGuess.test(refusal.code)) return refusal;
  const noted = route.noteAuthFailure?.(exchange);
  return andThen(noted, () => refusal);
}

function limitByIdentity({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return route.limitByIdentity?.(exchange);
}

function refuseCaller({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return telling(route.requirement?.(exchange), exchange);
}

function runChecks({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return telling(route.runChecks?.(exchange.request, exchange.context), exchange);
}

function takeInputs({ route, exchange }: Passage): MaybePromise<Refusal | undefined> {
  return telling(route.takeInputs(exchange, exchange.context), exchange);
}

function callForAnswer(passage: Passage): MaybePromise<unknown> {
  const { plan, exchange, handler } = passage;
  if (handler === undefined) return undefined;
  const answer =
    plan.limitTime === undefined
      ? call(passage, handler)
      : plan.limitTime(exchange, call.bind(undefined, passage, handler));
  return exchange.hasCountedBody ? overrunOr(answer, exchange) : answer;
}

function call({ plan, exchange, native }: Passage, handler: AnyHandler): MaybePromise<unknown> {
  return callHandler(plan.onError, exchange, exchange.context, handler, native);
}

/** What the handler made of a body that is too long does not count. One that it still reads may yet become too long. */
function overrunOr(answer: unknown, exchange: Exchange): MaybePromise<unknown> {
  if (isPromise(answer)) return answer.then((settled) => overrunOr(settled, exchange));
  if (exchange.body.isOverrun) return tell(tooLarge, exchange);
  exchange.body.onOverrun = () =>
    exchange.warn("body_overrun", "a body that is still being read is too long; its stream was ended");
  return answer;
}
