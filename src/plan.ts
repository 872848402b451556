import { readCallerRequirement } from "./auth/requirement.ts";
import type { Blueprint } from "./blueprint.ts";
import { compileCall } from "./call-handler.ts";
import type { ClientIpPlan } from "./client-ip/client-ip.ts";
import { ConfigError } from "./config-error.ts";
import { readInputs } from "./content/inputs.ts";
import { type CorsPlan, warnWithoutCors } from "./cors/cors.ts";
import { answerPreflight, judgeOrigin } from "./cors/cors-steps.ts";
import type { Finisher } from "./exit.ts";
import { type Issues, Options } from "./lib/options.ts";
import { compileMethods } from "./methods.ts";
import type { Refusal } from "./problem.ts";
import { type CompiledLimit, compileRateLimits } from "./rate-limit/rate-limit.ts";
import { isByIp } from "./rate-limit/undeclared-proxy.ts";
import { refuseInsecure } from "./require-https.ts";
import type { CompiledOverride } from "./route-override.ts";
import { type CompiledRequirements, type CompileRoute, compileRoute, type SharedSteps } from "./route-plan.ts";
import { compileRoutes } from "./routes.ts";
import type { Plan, RoutePlan } from "./run.ts";
import { inOrder } from "./steps.ts";
import { told } from "./tell.ts";
import type { PlatformTraits } from "./types.ts";
import { finishVary } from "./vary.ts";

/** Combines a policy with a handler's requirements. Throws `ConfigError` when these have mistakes. */
export function compilePlan(
  blueprint: Blueprint,
  requirements: unknown,
  traits: PlatformTraits = {},
  compileFor: CompileRoute = compileRoute,
): Plan {
  const issues: Issues = [];
  const asked = compileRequirements(requirements, blueprint, traits, issues);
  const cors =
    asked.limits.length > 0 ? blueprint.corsSending(blueprint.rateLimitFields.names, issues) : blueprint.cors;
  const limits = [blueprint, asked, ...blueprint.overrides].flatMap(({ limits = [] }) => limits);
  const shared = sharedSteps(cors, blueprint.requireHttps);
  const routeFor = (override: CompiledOverride | undefined): RoutePlan => {
    const { steps, headers, mayShareCache } = compileFor(blueprint, asked, override, issues);
    return { steps: inOrder({ ...shared, ...steps }), headers, mayShareCache };
  };
  const base = routeFor(undefined);
  const routes = blueprint.overrides.map((override) => [override.path, routeFor(override)] as const);
  const first = inOrder({ judgeOrigin: shared.judgeOrigin });
  const refusing = (refusal: Refusal): RoutePlan => ({ ...base, steps: [...first, told(() => refusal)] });
  if (traits.knowsPeer === false) refuseUnknownPeer(blueprint.clientIp, limits, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    policy: blueprint.policy,
    requestId: blueprint.requestId,
    onEvent: blueprint.onEvent,
    renderProblem: blueprint.renderProblem,
    clientIp: blueprint.clientIp,
    finishers: compileFinishers(cors, limits.length > 0, blueprint),
    selectRoute: routes.length > 0 ? compileRoutes(routes, refusing) : undefined,
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
    isLimited ? rateLimitFields.write : undefined,
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
  if (inputs.body !== undefined && methods?.every((method) => method === "GET" || method === "HEAD"))
    options.refuse("body", "never comes with these methods: GET and HEAD have no body (RFC 9110 §9.3.1)");
  options.done();
  return {
    needsIdentity: asksOfCaller.length > 0,
    caller,
    methods: methods && compileMethods(methods, options.path("methods"), issues),
    limits,
    inputs,
  };
}
