import { admit } from "./auth/admit.ts";
import type { CallerRequirement } from "./auth/requirement.ts";
import type { Blueprint } from "./blueprint.ts";
import { runChecks } from "./checks.ts";
import { fieldsStep } from "./content/content.ts";
import { type CompiledInputs, contentFor, inputsStep } from "./content/inputs.ts";
import { refuseCrossOrigin } from "./cors/cross-origin.ts";
import type { ExitRoute } from "./exit.ts";
import { type Issues, show } from "./lib/options.ts";
import { anyMethod, type MethodsPlan, refuseMethod } from "./methods.ts";
import { compileAuthFailureCount } from "./rate-limit/auth-failures.ts";
import type { CompiledLimit } from "./rate-limit/rate-limit.ts";
import { compileTake } from "./rate-limit/take.ts";
import { isByIp } from "./rate-limit/undeclared-proxy.ts";
import type { CompiledOverride } from "./route-override.ts";
import type { Steps } from "./steps.ts";
import { told } from "./tell.ts";

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
export type SharedSteps = Pick<Steps, "judgeOrigin" | "requireHttps" | "answerPreflight">;

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
