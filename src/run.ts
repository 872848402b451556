import type { AuthenticateStep, AuthMode, RequirementStep } from "./auth/auth.ts";
import { type AnyHandler, callHandler, type OnError } from "./call-handler.ts";
import type { ChecksStep } from "./checks.ts";
import type { FieldsStep } from "./content/content.ts";
import type { InputsStep } from "./content/inputs.ts";
import { tooLarge } from "./content/size.ts";
import type { CorsPlan } from "./cors/cors.ts";
import { type CrossOriginPlan, refuseCrossOrigin } from "./cors/cross-origin.ts";
import { Context, Exchange, type ExchangePlan } from "./exchange.ts";
import { type ExitPlan, type ExitRoute, internalError, leave } from "./exit.ts";
import type { TimeLimit } from "./handler-timeout.ts";
import { isPromise, type MaybePromise } from "./lib/maybe-promise.ts";
import type { MethodsPlan } from "./methods.ts";
import { isRefusal, type Refusal, refuse } from "./problem.ts";
import type { TakeStep } from "./rate-limit/take.ts";
import type { Platform } from "./types.ts";

/** What requests need of a policy and of one handler's requirements. Everything in it was computed at construction. */
export interface Plan extends ExchangePlan, ExitPlan {
  readonly cors: CorsPlan | undefined;
  readonly requireHttps: boolean;
  readonly authenticate: AuthenticateStep | undefined;
  readonly runChecks: ChecksStep | undefined;
  readonly onError: OnError | undefined;
  readonly limitTime: TimeLimit | undefined;
  readonly selectRoute: ((path: string) => RoutePlan | Refusal | undefined) | undefined;
  /** For every path without an entry of its own. */
  readonly base: RoutePlan;
}

/** What may differ by path. */
export interface RoutePlan extends ExitRoute {
  readonly methods: MethodsPlan;
  readonly crossOrigin: CrossOriginPlan | undefined;
  readonly checkFields: FieldsStep;
  readonly limitByAddress: TakeStep | undefined;
  readonly auth: AuthMode;
  readonly limitByIdentity: TakeStep | undefined;
  readonly requirement: RequirementStep | undefined;
  readonly takeInputs: InputsStep;
}

/** One request through the policy and its handler. Never rejects: what goes wrong is an answer too. */
export async function run(
  plan: Plan,
  request: Request,
  platform: Platform,
  handler: AnyHandler,
  native: readonly unknown[],
): Promise<Response> {
  const exchange = new Exchange(plan, request, platform); // 1 request id
  const chosen = plan.selectRoute?.(exchange.path);
  const route = chosen === undefined || isRefusal(chosen) ? plan.base : chosen;
  let answer: unknown;
  try {
    answer = await pass(plan, route, exchange, isRefusal(chosen) ? chosen : undefined, handler, native);
  } catch (error) {
    exchange.fail(error);
    answer = internalError;
  }
  return leave(plan, route, exchange, answer); // 12 the one exit
}

/** The steps, in the one order that is safe. Whichever answers first ends them; none goes back. */
async function pass(
  plan: Plan,
  route: RoutePlan,
  exchange: Exchange,
  ambiguousPath: Refusal | undefined,
  handler: AnyHandler,
  native: readonly unknown[],
): Promise<unknown> {
  const judged = judgeOrigin(plan.cors, exchange);
  if (isPromise(judged)) await judged;

  // 2 which rules apply to the path, and whether the method exists
  const misdirected = ambiguousPath ?? refuseScheme(plan, exchange) ?? refuseMethod(route, exchange);
  if (misdirected !== undefined) return refused(misdirected, exchange);

  // 3 preflights: no credentials, no quota, no body
  if (exchange.isPreflight) {
    const preflight = plan.cors === undefined ? preflightRefused : plan.cors.preflight(exchange);
    const answer = isPromise(preflight) ? await preflight : preflight;
    return isRefusal(answer) ? refused(answer, exchange) : answer;
  }

  // 4 cross-origin protection
  const crossOrigin = route.crossOrigin && refuseCrossOrigin(route.crossOrigin, exchange);
  const foreign = isPromise(crossOrigin) ? await crossOrigin : crossOrigin;
  if (foreign !== undefined) return refused(foreign, exchange);

  // 5 what the fields say of the content
  const unfit = route.checkFields(exchange);
  if (unfit !== undefined) return refused(unfit, exchange);

  // 6 limits by address shield what follows
  const byAddress = route.limitByAddress?.(exchange);
  const limited = isPromise(byAddress) ? await byAddress : byAddress;
  if (limited !== undefined) return limited;

  // 7 authentication
  const context = new Context(exchange);
  if (plan.authenticate !== undefined) {
    const authentication = plan.authenticate(route.auth, exchange, context);
    const unverified = isPromise(authentication) ? await authentication : authentication;
    if (unverified !== undefined) return refused(unverified, exchange);
    Object.assign(context, { auth: exchange.auth });
  }

  // 8 limits by verified identity: an unverified key must never choose a bucket
  const byIdentity = route.limitByIdentity?.(exchange);
  const exhausted = isPromise(byIdentity) ? await byIdentity : byIdentity;
  if (exhausted !== undefined) return exhausted;

  // 9 what the handler asks of the caller, then the policy's own checks
  const requirement = route.requirement?.(exchange);
  const forbidden = isPromise(requirement) ? await requirement : requirement;
  if (forbidden !== undefined) return refused(forbidden, exchange);
  const failed = plan.runChecks && (await plan.runChecks(exchange.request, context));
  if (failed !== undefined) return refused(failed, exchange);

  // 10 the body counted and read, params, query and body by their schemas
  const taken = route.takeInputs(exchange, context);
  const unusable = isPromise(taken) ? await taken : taken;
  if (unusable !== undefined) return refused(unusable, exchange);

  // 11 the handler; what it made of a body that is too long does not count
  const call = (): MaybePromise<unknown> => callHandler(plan.onError, exchange, context, handler, native);
  const called = plan.limitTime === undefined ? call() : plan.limitTime(exchange, call);
  const answer = isPromise(called) ? await called : called;
  if (exchange.body.isOverrun) return refused(tooLarge, exchange);
  exchange.body.onOverrun = () =>
    exchange.warn("body_overrun", "a body that is still being read is too long; its stream was ended");
  return answer;
}

const preflightRefused = /* @__PURE__ */ refuse(403, "preflight_refused", "This cross-origin request is not allowed.");
const httpsRequired = /* @__PURE__ */ refuse(403, "https_required", "This resource is served over https only.");

/** Decides once whether the origin may read: every later answer, refusals included, needs it. */
function judgeOrigin(cors: CorsPlan | undefined, exchange: Exchange): MaybePromise<void> {
  if (cors?.origins === undefined || exchange.origin === null) return;
  const note = (allowed: boolean): void => {
    exchange.originAllowed = allowed;
  };
  if (cors.origins === "*") return note(true);
  const allowed = cors.origins(exchange.origin);
  return isPromise(allowed) ? allowed.then(note) : note(allowed);
}

function refuseScheme({ requireHttps }: Plan, exchange: Exchange): Refusal | undefined {
  return requireHttps && !exchange.isHttps ? httpsRequired : undefined;
}

/** A preflight asks for another method than its own. */
function refuseMethod({ methods }: RoutePlan, { method, isPreflight }: Exchange): Refusal | undefined {
  return isPreflight || methods.allows(method) ? undefined : methods.refusal;
}

/** Tells of a refusal that no event of its own tells of. */
function refused(refusal: Refusal, exchange: Exchange): Refusal {
  const { code, status } = refusal;
  if (code !== "auth_unavailable") exchange.emit({ type: "refused", code, status, ...exchange.eventBase() });
  return refusal;
}
