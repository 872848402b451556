import { admit } from "./auth/admit.ts";
import { type CallerRequirement, readCallerRequirement } from "./auth/requirement.ts";
import type { Blueprint } from "./blueprint.ts";
import { compileCall } from "./call-handler.ts";
import { runChecks } from "./checks.ts";
import type { ClientIpPlan } from "./client-ip/client-ip.ts";
import { ConfigError } from "./config-error.ts";
import { fieldsStep } from "./content/content.ts";
import { type CompiledInputs, contentFor, inputsStep, readInputs } from "./content/inputs.ts";
import { type CorsPlan, warnWithoutCors } from "./cors/cors.ts";
import { answerPreflight, judgeOrigin } from "./cors/cors-steps.ts";
import { refuseCrossOrigin } from "./cors/cross-origin.ts";
import type { ExitRoute, Finisher } from "./exit.ts";
import { type Issues, Options, show } from "./lib/options.ts";
import { anyMethod, compileMethods, type MethodsPlan, refuseMethod } from "./methods.ts";
import { compileAuthFailureCount } from "./rate-limit/auth-failures.ts";
import { type CompiledLimit, compileRateLimits } from "./rate-limit/rate-limit.ts";
import { compileTake } from "./rate-limit/take.ts";
import { isByIp } from "./rate-limit/undeclared-proxy.ts";
import { refuseInsecure } from "./require-https.ts";
import type { CompiledOverride } from "./route-override.ts";
import { compileRoutes } from "./routes.ts";
import type { Plan, RoutePlan } from "./run.ts";
import { inOrder, type Steps } from "./steps.ts";
import { told } from "./tell.ts";
import type { PlatformTraits } from "./types.ts";
import { finishVary } from "./vary.ts";

/** A handler's requirements, checked. */
export interface CompiledRequirements {
  readonly needsIdentity: boolean;
  readonly caller: CallerRequirement;
  readonly methods: MethodsPlan | undefined;
  readonly limits: readonly CompiledLimit[];
  readonly inputs: CompiledInputs;
}

/** Compiles what holds for a path from the policy, the requirements and the path's override, if it has one. */
export type CompileRoute = (
  blueprint: Blueprint,
  asked: CompiledRequirements,
  override: CompiledOverride | undefined,
  issues: Issues,
) => CompiledRoute;

/** What holds for a path, besides what holds for all. */
export interface CompiledRoute extends ExitRoute {
  readonly steps: Omit<Steps, keyof SharedSteps>;
}

/** The steps that no path changes. */
type SharedSteps = Pick<Steps, "judgeOrigin" | "requireHttps" | "answerPreflight">;

/** Combines a policy with a handler's requirements. Throws `ConfigError` when these have mistakes. */
export function compilePlan(
  blueprint: Blueprint,
  requirements: unknown,
  traits: PlatformTraits = {},
  compileFor: CompileRoute = compileRoute,
): Plan {
  const issues: Issues = [];
  const asked = compileRequirements(requirements, blueprint, traits, issues);
  const cors = asked.limits.length > 0 ? blueprint.corsSending(blueprint.rateLimitFields.names) : blueprint.cors;
  const limits = [blueprint, asked, ...blueprint.overrides].flatMap(({ limits = [] }) => limits);
  const shared = sharedSteps(cors, blueprint.requireHttps);
  const routeFor = (override: CompiledOverride | undefined): RoutePlan => {
    const { steps, headers, mayShareCache } = compileFor(blueprint, asked, override, issues);
    return { steps: inOrder({ ...shared, ...steps }), headers, mayShareCache };
  };
  const base = routeFor(undefined);
  const routes = blueprint.overrides.map((override) => [override.path, routeFor(override)] as const);
  if (traits.knowsPeer === false) refuseUnknownPeer(blueprint.clientIp, limits, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    policy: blueprint.policy,
    requestId: blueprint.requestId,
    onEvent: blueprint.onEvent,
    renderProblem: blueprint.renderProblem,
    clientIp: blueprint.clientIp,
    finishers: compileFinishers(cors, limits.length > 0, blueprint),
    first: inOrder({ judgeOrigin: shared.judgeOrigin }),
    selectRoute: routes.length > 0 ? compileRoutes(routes) : undefined,
    base,
    callHandler: compileCall(blueprint.onError, blueprint.limitTime),
  };
}

function sharedSteps(cors: CorsPlan | undefined, requireHttps: boolean): SharedSteps {
  const origins = cors?.origins;
  return {
    judgeOrigin: origins && ((exchange) => judgeOrigin(origins, exchange)),
    requireHttps: requireHttps ? told(refuseInsecure) : undefined,
    answerPreflight: told((exchange) => answerPreflight(cors?.preflight, exchange)),
  };
}

/** A limit that never acts is worse than none: its owner relies on it. */
function refuseUnknownPeer(
  { needsPeer, onUnknownAddress }: ClientIpPlan,
  limits: readonly CompiledLimit[],
  issues: Issues,
): void {
  if (!needsPeer || onUnknownAddress !== "skip" || !limits.some(isByIp)) return;
  const message =
    'a limit by address needs it, since this platform tells no address: write { header: "x-real-ip" } on Vercel, { trustedHops: 1 } behind a proxy, or { onUnknownAddress: "shared" }';
  issues.push({ path: "clientIp", message });
}

function compileFinishers(
  cors: CorsPlan | undefined,
  isLimited: boolean,
  { auth, rateLimitFields }: Blueprint,
): readonly Finisher[] {
  const variesByOrigin = cors?.origins !== undefined && cors.origins !== "*";
  const vary = [...(variesByOrigin ? ["Origin"] : []), ...(auth?.fields ?? [])];
  const finishers = [
    isLimited ? rateLimitFields.finish : undefined,
    cors?.finish,
    vary.length > 0 ? finishVary(vary) : undefined,
    cors === undefined ? warnWithoutCors : undefined,
  ];
  return finishers.filter((finisher) => finisher !== undefined);
}

function compileRequirements(
  value: unknown,
  { auth: authPlan, store }: Blueprint,
  { findsParams = false }: PlatformTraits,
  issues: Issues,
): CompiledRequirements {
  const hasAuth = authPlan !== undefined;
  const options = new Options(value, "requirements", issues);
  options.oneOf("auth", ["required"]);
  const caller = readCallerRequirement(options, authPlan?.scopes);
  const asksOfCaller = ["auth", "scopes", "anyScope", "check"].filter((key) => options.has(key));
  for (const key of asksOfCaller) {
    if (!hasAuth) options.refuse(key, "needs a policy with auth: configure it, or remove this");
  }
  const methods = options.strings("methods");
  const limits = compileRateLimits(options.get("rateLimit"), options.path("rateLimit"), issues, {
    hasAuth,
    store,
    defaultName: undefined,
  });
  const inputs = readInputs(options, findsParams);
  options.done();
  return {
    needsIdentity: asksOfCaller.length > 0,
    caller,
    methods: methods && compileMethods(methods, options.path("methods"), issues),
    limits,
    inputs,
  };
}

/** What holds for a path: the override over the policy, and the requirements over both. */
export function compileRoute(
  blueprint: Blueprint,
  asked: CompiledRequirements,
  override: CompiledOverride | undefined,
  issues: Issues,
): CompiledRoute {
  const { auth, authFailures, checks, cors, counters, headers, crossOrigin, watchForProxy } = blueprint;
  const limits = [...(override?.limits ?? blueprint.limits), ...asked.limits];
  refuseSameNames(authFailures === undefined ? limits : [authFailures, ...limits], asked.limits, issues);
  const content = contentFor(override?.content ?? blueprint.content, asked.inputs);
  const authMode = asked.needsIdentity ? "required" : (override?.auth ?? auth?.mode ?? "none");
  const [limitsByAddress, limitsByIdentity] = splitLimits(limits, auth);
  const failures =
    authFailures === undefined || authMode === "none"
      ? undefined
      : compileAuthFailureCount(authFailures, counters, addressLimitsOf(blueprint));
  const countsAddresses = failures !== undefined || limitsByAddress.some(isByIp);
  const requirement = auth?.requirementFor(asked.caller);
  const isProtected = crossOrigin !== undefined && !override?.isOpenToOtherOrigins;
  const steps = {
    refuseMethod: told(refuseMethod(asked.methods ?? override?.methods ?? anyMethod(cors?.methods))),
    refuseCrossOrigin: isProtected ? told((exchange) => refuseCrossOrigin(crossOrigin, exchange)) : undefined,
    checkFields: told(fieldsStep(content)),
    limitByAddress: watchForProxy(compileTake(limitsByAddress, counters, failures), countsAddresses),
    authenticate: auth && admit(auth.stepFor(authMode, asked.caller), failures?.add),
    limitByIdentity: compileTake(limitsByIdentity, counters, undefined),
    askOfCaller: requirement && told(requirement),
    runChecks: checks.length === 0 ? undefined : told((exchange) => runChecks(checks, exchange)),
    takeInputs: told(inputsStep(content, asked.inputs)),
  };
  return {
    steps,
    headers: override?.servesHtml ? headers?.html : headers?.api,
    mayShareCache: override?.mayShareCache ?? false,
  };
}

/** The limits of a policy and its routes that count addresses: whether there are any decides where bad credentials count. */
export function addressLimitsOf({ auth, limits, overrides }: Blueprint): readonly CompiledLimit[] {
  return splitLimits([...limits, ...overrides.flatMap((override) => override.limits ?? [])], auth)[0];
}

/** Those that count before authentication, and those that need to know who is calling. */
export function splitLimits(
  limits: readonly CompiledLimit[],
  auth: Blueprint["auth"],
): readonly [byAddress: readonly CompiledLimit[], byIdentity: readonly CompiledLimit[]] {
  const isByAddress = ({ by, dangerouslyBy }: CompiledLimit): boolean =>
    by === "ip" || dangerouslyBy !== undefined || auth === undefined;
  return [limits.filter(isByAddress), limits.filter((limit) => !isByAddress(limit))];
}

/** The fields name limits, so two of one name on a request would be told apart by nobody. */
function refuseSameNames(limits: readonly CompiledLimit[], asked: readonly CompiledLimit[], issues: Issues): void {
  for (const [index, limit] of limits.entries()) {
    if (limits.findIndex(({ name }) => name === limit.name) !== index) {
      issues.push({
        path: asked.includes(limit) ? "requirements.rateLimit" : "rateLimit",
        message: `${show(limit.name)} is the name of a limit that holds already: choose another`,
      });
    }
  }
}
