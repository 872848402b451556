import { compileBlueprint, type RawConfig } from "./blueprint.ts";
import type { AnyHandler } from "./call-handler.ts";
import type { FactsOf, Policy, PolicyConfig } from "./config.ts";
import { describe } from "./describe.ts";
import type { Issues } from "./lib/options.ts";
import { compilePlan } from "./plan.ts";
import { NativePlatform } from "./platform.ts";
import type { RateLimitStore } from "./rate-limit/store.ts";
import { memoryStore } from "./rate-limit/stores/memory.ts";
import { run } from "./run.ts";
import type { AuthState, Flat, Identity, Loosen, Platform } from "./types.ts";

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
  Auth extends Identity | undefined = undefined,
  const O extends string = string,
  const L extends "none" | "optional" = never,
  Outcomes extends readonly unknown[] | [] = [],
>(config?: PolicyConfig<Auth, O, L, Outcomes>): Policy<Loosen<Auth, L>, Flat<FactsOf<Outcomes>>> {
  const { checks, ...rest } = read(config);
  const store = (rest.store as RateLimitStore | undefined) ?? memoryStore(); // what is no store is refused with all other mistakes
  const raw: RawConfig = { options: rest, checks: checks === undefined ? [] : [checks], store };
  // What a run-time value cannot carry: the identity and the facts that the configuration's types promise.
  return build(raw, []) as unknown as Policy<Loosen<Auth, L>, Flat<FactsOf<Outcomes>>>;
}

/** Own keys of a configuration; anything but an object is left for the compile functions to refuse. */
function read(config: unknown): Record<string, unknown> {
  return typeof config === "object" && config !== null ? { ...config } : {};
}

function build(raw: RawConfig, issues: Issues): Policy<AuthState> {
  const blueprint = compileBlueprint(raw, issues);
  const plain = compilePlan(blueprint, {});

  const prepare = (requirements: object, handler: AnyHandler): ReturnType<Policy["prepare"]> => {
    const plan = compilePlan(blueprint, requirements);
    return { run: (request, platform, ...native) => run(plan, request, platform, handler, native) };
  };
  const protect = (first: AnyHandler | object, second?: AnyHandler) => {
    const [plan, handler] =
      typeof first === "function" ? [plain, first as AnyHandler] : [compilePlan(blueprint, first), handlerOf(second)];
    return (request: Request, ...native: readonly unknown[]): Promise<Response> =>
      run(plan, request, new NativePlatform(request, native), handler, native);
  };
  return Object.assign(protect, {
    run: (request: Request, platform: Platform, handler: AnyHandler) => run(plain, request, platform, handler, []),
    prepare,
    with: (config: unknown) => extend(raw, read(config)),
    describe: () => describe(blueprint, raw),
  }) as unknown as Policy<AuthState>; // one implementation of two call signatures
}

function handlerOf(value: unknown): AnyHandler {
  if (typeof value !== "function")
    throw new TypeError("a policy is called with a handler, or with requirements and a handler");
  return value as AnyHandler; // its signature is checked where it is written
}

/** A policy from another: keys replace, `routes` merge, `checks` append, the store stays. */
function extend(raw: RawConfig, { checks, ...changes }: Record<string, unknown>): Policy<AuthState> {
  const issues: Issues = [];
  const options: Record<string, unknown> = { ...raw.options, ...changes };
  if (changes.auth === "none") delete options.auth;
  if (changes.routes !== undefined) options.routes = { ...Object(raw.options.routes), ...Object(changes.routes) };
  const lists = checks === undefined ? [] : [checks];
  const replaces = raw.checks.length > 0 && changesIdentity(changes);
  if (replaces && checks === undefined) {
    issues.push({
      path: "checks",
      message: "were written for the identity of the old auth: give the checks that hold now, an empty list for none",
    });
  }
  const store = (changes.store as RateLimitStore | undefined) ?? raw.store; // as in policy()
  return build({ options, checks: replaces ? lists : [...raw.checks, ...lists], store }, issues);
}

/** Whether checks that were typed against the old identity might meet another, or nobody. */
function changesIdentity({ auth, routes }: Record<string, unknown>): boolean {
  return auth !== undefined || Object.values(Object(routes)).some((override) => Object(override).auth !== undefined);
}
