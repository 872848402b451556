import { compileBlueprint, type RawConfig } from "./blueprint.ts";
import type { AnyHandler } from "./call-handler.ts";
import type { CheckOutcome, FactsOf, PolicyConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { describe } from "./describe.ts";
import { type Issues, isOptions, show } from "./lib/options.ts";
import { compilePlan } from "./plan.ts";
import { NativePlatform } from "./platform.ts";
import type { Policy, Prepared } from "./policy-interface.ts";
import type { RateLimitStore } from "./rate-limit/store.ts";
import { memoryStore } from "./rate-limit/stores/memory.ts";
import { type Plan, run, tighten } from "./run.ts";
import { compileTightening } from "./tightening.ts";
import type { Anonymous, AuthState, Flat, Identity, Loosen, Platform, PlatformTraits } from "./types.ts";

/**
 * Compiles one security policy for many handlers.
 *
 * The order in which its parts act is fixed, and every response leaves through one exit that writes the fields of all
 * of them: refusals, errors and preflights included.
 *
 * @param config - Every key has a safe default, except where it is a decision of trust.
 * @throws ConfigError with every mistake in the configuration, each with its path, value and fix.
 */
export function policy<
  Auth extends Identity | Anonymous | undefined = undefined,
  const O extends string = string,
  const L extends "none" | "optional" = never,
  Outcomes extends readonly CheckOutcome[] | [] = [],
>(config?: PolicyConfig<Auth, O, L, Outcomes>): Policy<Loosen<Auth, L>, Flat<FactsOf<Outcomes>>> {
  const { options, checks } = read(config === undefined ? {} : config);
  const store = (options.store as RateLimitStore | undefined) ?? memoryStore(); // what is no store is refused with all other mistakes
  const raw: RawConfig = { options, checks, store };
  // What a run-time value cannot carry: the identity and the facts that the configuration's types promise.
  return build(raw, []) as unknown as Policy<Loosen<Auth, L>, Flat<FactsOf<Outcomes>>>;
}

/** A configuration as it was written; its checks are one list, or none. */
function read(config: unknown): Pick<RawConfig, "options" | "checks"> {
  if (!isOptions(config)) {
    throw new ConfigError([{ path: "policy", message: `${show(config)} is not an object of options` }]);
  }
  const { checks, ...options }: Record<string, unknown> = { ...config };
  return { options, checks: Object.hasOwn(config, "checks") ? [checks] : [] };
}

function build(raw: RawConfig, issues: Issues): Policy<AuthState> {
  const blueprint = compileBlueprint(raw, issues);
  const plain = compilePlan(blueprint, {});

  const prepareOn =
    (traits: PlatformTraits) =>
    (...given: readonly unknown[]): Prepared => {
      const [requirements, handler] = readCall(given);
      const plan = compilePlan(blueprint, requirements, traits);
      let rest: Plan | undefined;
      return {
        policy: blueprint.policy,
        run: (request, platform, ...native) => run(plan, request, platform, handler, native),
        tighten: (context, request) => {
          rest ??= compileTightening(blueprint, requirements); // not before somebody needs it: most handlers do not nest
          return tighten(rest, context, request);
        },
      };
    };
  const protect = (...given: readonly unknown[]) => {
    const [requirements, handler] = readCall(given);
    const plan = given.length === 1 ? plain : compilePlan(blueprint, requirements);
    return (request: Request, ...native: readonly unknown[]): Promise<Response> =>
      run(plan, request, new NativePlatform(request, native), handler, native);
  };
  return Object.assign(protect, {
    run: (request: Request, platform: Platform, handler: AnyHandler) => run(plain, request, platform, handler, []),
    prepare: prepareOn({}),
    prepareOn,
    with: (config: unknown) => extend(raw, config),
    describe: () => describe(blueprint, raw),
  }) as unknown as Policy<AuthState>; // one implementation of two call signatures
}

/** Swapped arguments are refused above all: requirements that are passed over would leave a handler open. */
function readCall(given: readonly unknown[]): readonly [requirements: unknown, handler: AnyHandler] {
  const [requirements, handler] = given.length === 1 ? [{}, given[0]] : given;
  if (typeof handler !== "function" || given.length > 2)
    throw new TypeError("a policy is called with a handler, or with requirements and then a handler");
  return [requirements, handler as AnyHandler]; // its signature was checked where it is written
}

/** A policy from another: keys replace, `routes` merge, `checks` append, the store stays. */
function extend(raw: RawConfig, config: unknown): Policy<AuthState> {
  const issues: Issues = [];
  const { options: changes, checks } = read(config);
  const options: Record<string, unknown> = { ...raw.options, ...changes };
  if (changes.auth === "none") {
    delete options.auth;
    if (!Object.hasOwn(changes, "authFailures")) delete options.authFailures;
  }
  const inherited = changes.auth === "none" ? withoutAuth(raw.options.routes) : raw.options.routes;
  if (isObject(inherited))
    if (isObject(changes.routes) || !Object.hasOwn(changes, "routes"))
      options.routes = { ...inherited, ...(changes.routes as object | undefined) };
  const replaces = raw.checks.length > 0 && changesIdentity(changes);
  if (replaces && checks.length === 0) {
    issues.push({
      path: "checks",
      message: "were written for the identity of the old auth: give the checks that hold now, an empty list for none",
    });
  }
  const store = (changes.store as RateLimitStore | undefined) ?? raw.store; // as in policy()
  return build({ options, checks: replaces ? checks : [...raw.checks, ...checks], store }, issues);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Routes have nothing to loosen where there is no authentication any more. */
function withoutAuth(routes: unknown): unknown {
  if (!isObject(routes)) return routes;
  return Object.fromEntries(Object.entries(routes).map(([path, { auth, ...override }]) => [path, override]));
}

/** Whether checks that were typed against the old identity might meet another, or nobody. */
function changesIdentity({ auth, routes }: Record<string, unknown>): boolean {
  return auth !== undefined || Object.values(Object(routes)).some((override) => Object(override).auth !== undefined);
}
