import type { Blueprint } from "./blueprint.ts";
import { contentFor, inputsStep } from "./content/inputs.ts";
import type { Exchange } from "./exchange.ts";
import type { Issues } from "./lib/options.ts";
import { compilePlan } from "./plan.ts";
import { compileAuthFailureCount } from "./rate-limit/auth-failures.ts";
import type { CompiledLimit } from "./rate-limit/rate-limit.ts";
import { compileTake, type TakeStep } from "./rate-limit/take.ts";
import { isByIp } from "./rate-limit/undeclared-proxy.ts";
import type { CompiledOverride } from "./route-override.ts";
import {
  addressLimitsOf,
  type CompiledRequirements,
  type CompiledRoute,
  compileRoute,
  splitLimits,
} from "./route-plan.ts";
import type { Plan } from "./run.ts";
import type { RequestStep } from "./steps.ts";
import { told } from "./tell.ts";

/**
 * A plan of the steps that a handler's requirements leave to do for a request that the policy without them has admitted.
 * What was done then is left out, so that nothing is counted or authenticated twice.
 */
export function compileTightening(blueprint: Blueprint, requirements: unknown): Plan {
  return compilePlan(blueprint, requirements, {}, compileRest);
}

function compileRest(
  blueprint: Blueprint,
  asked: CompiledRequirements,
  override: CompiledOverride | undefined,
  issues: Issues,
): CompiledRoute {
  const whole = compileRoute(blueprint, asked, override, issues);
  const { auth, authFailures, content, counters, limits, watchForProxy } = blueprint;
  const before = override?.auth ?? auth?.mode ?? "none";
  // Only here does somebody become known whom the policy's checks and limits have not seen.
  const identifies = asked.needsIdentity && before === "none";
  const [, policyByIdentity] = splitLimits(override?.limits ?? limits, auth);
  const [askedByAddress, askedByIdentity] = splitLimits(asked.limits, auth);
  const failures =
    identifies && authFailures !== undefined
      ? compileAuthFailureCount(authFailures, counters, addressLimitsOf(blueprint))
      : undefined;
  const countsAddresses = failures !== undefined || askedByAddress.some(isByIp);
  const countedForNobody = identifies ? policyByIdentity.filter(({ by }) => by === "identity") : [];
  const steps = {
    ...whole.steps,
    refuseCrossOrigin: undefined,
    checkFields: asked.inputs.body === undefined ? undefined : whole.steps.checkFields,
    limitByAddress: watchForProxy(compileTake(askedByAddress, counters, failures), countsAddresses),
    authenticate: asked.needsIdentity && before !== "required" ? unlessVerified(whole.steps.authenticate) : undefined,
    limitByIdentity: recounting(
      countedForNobody,
      compileTake([...countedForNobody, ...askedByIdentity], counters, undefined),
    ),
    runChecks: identifies ? whole.steps.runChecks : undefined,
    takeInputs: told(inputsStep(contentFor(override?.content ?? content, asked.inputs), asked.inputs, () => undefined)),
  };
  return { ...whole, steps };
}

function unlessVerified(authenticate: RequestStep | undefined): RequestStep {
  return (exchange) => (exchange.auth?.method === "anonymous" ? authenticate?.(exchange) : undefined);
}

/** A limit that counted an address while nobody was known counts the identity: the fields tell of that alone. */
function recounting(limits: readonly CompiledLimit[], take: TakeStep | undefined): TakeStep | undefined {
  if (limits.length === 0 || take === undefined) return take;
  const names = limits.map(({ name }) => name);
  return (exchange: Exchange) => {
    exchange.counted = exchange.counted?.filter(({ limit }) => !names.includes(limit.name));
    return take(exchange);
  };
}
