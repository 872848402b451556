import { type AuthPlan, compileAuth } from "./auth/auth.ts";
import type { OnError } from "./call-handler.ts";
import { type CheckPlan, reservedNames } from "./checks.ts";
import { type ClientIpPlan, compileClientIp } from "./client-ip/client-ip.ts";
import { ConfigError } from "./config-error.ts";
import { type CompiledContent, compileContent } from "./content/content.ts";
import { type CorsPlan, compileCors } from "./cors/cors.ts";
import type { CrossOriginPlan } from "./cors/cross-origin.ts";
import { compileCrossOrigin } from "./cors/cross-origin-options.ts";
import { consoleEvents, deliver, type OnEvent } from "./events.ts";
import { compileTimeLimit, type TimeLimit } from "./handler-timeout.ts";
import { objectionTo } from "./headers/field-table.ts";
import { type CompiledHeaders, compileHeaders } from "./headers/headers.ts";
import { type Issues, Options, show } from "./lib/options.ts";
import { compileAuthFailures } from "./rate-limit/auth-failures.ts";
import { countersOf } from "./rate-limit/counters.ts";
import { type RateLimitFields, readRateLimitFields } from "./rate-limit/fields.ts";
import { type CompiledLimit, compileRateLimits } from "./rate-limit/rate-limit.ts";
import type { RateLimitStore } from "./rate-limit/store.ts";
import { memoryStore } from "./rate-limit/stores/memory.ts";
import type { Counters } from "./rate-limit/take.ts";
import { type WatchForProxy, watchForProxy } from "./rate-limit/undeclared-proxy.ts";
import { compileRender, type Render } from "./render-problem.ts";
import { compileRequestId, type RequestIdPlan } from "./request-id/request-id.ts";
import { type CompiledOverride, compileOverrides } from "./route-override.ts";

/** A configuration as it was written: keys and values unchecked, checks in the lists in which they came. */
export interface RawConfig {
  readonly options: Readonly<Record<string, unknown>>;
  readonly checks: readonly unknown[];
  readonly store: RateLimitStore;
}

/** A configuration, checked: each concern's part compiled, ready to be combined with a handler's requirements. */
export interface Blueprint {
  /** Which policy it is. */
  readonly policy: symbol;
  readonly requestId: RequestIdPlan;
  readonly onEvent: OnEvent;
  readonly renderProblem: Render | undefined;
  readonly onError: OnError | undefined;
  readonly clientIp: ClientIpPlan;
  readonly watchForProxy: WatchForProxy;
  readonly requireHttps: boolean;
  readonly limitTime: TimeLimit | undefined;
  readonly auth: AuthPlan | undefined;
  readonly limits: readonly CompiledLimit[];
  /** How many bad credentials an address may send; `undefined` where nobody counts them. */
  readonly authFailures: CompiledLimit | undefined;
  readonly store: RateLimitStore;
  readonly counters: Counters;
  readonly rateLimitFields: RateLimitFields;
  readonly overrides: readonly CompiledOverride[];
  /** Compiled anew where a handler's own limits add fields for browsers to read. */
  readonly corsSending: (sent: readonly string[], issues: Issues) => CorsPlan | undefined;
  readonly cors: CorsPlan | undefined;
  readonly crossOrigin: CrossOriginPlan | undefined;
  readonly content: CompiledContent;
  readonly headers: CompiledHeaders | undefined;
  readonly checks: readonly (readonly CheckPlan[])[];
}

/** Calls each concern's compile function. Throws one `ConfigError` with every mistake of all of them. */
export function compileBlueprint({ options: values, checks, store: givenStore }: RawConfig, issues: Issues): Blueprint {
  const options = new Options(values, "", issues);
  const requestId = compileRequestId(options.get("requestId"), "requestId", issues);
  const objection = objectionTo(requestId.header);
  if (objection !== undefined)
    issues.push({ path: "requestId.header", message: `${show(requestId.displayName)}: ${objection}` });
  const onEvent = options.function<OnEvent>("onEvent") ?? consoleEvents();
  const auth = compileAuth(options.get("auth"), "auth", issues);
  const hasAuth = auth !== undefined;
  const store = checkStore(options, givenStore);
  const limits = compileRateLimits(options.get("rateLimit"), "rateLimit", issues, {
    hasAuth,
    defaultName: "default",
    store,
  });
  const overrides = compileOverrides(options.get("routes"), issues, { hasAuth, store });
  const rateLimitFields = readRateLimitFields(options);
  const isLimited = limits.length > 0 || overrides.some((override) => (override.limits?.length ?? 0) > 0);
  const corsSending = compilesCors(options, requestId, auth);
  const cors = corsSending(isLimited ? rateLimitFields.names : [], issues);
  const warnings: string[] = [];
  const headers = compileHeaders(options.get("headers"), "headers", issues, {
    cors: cors?.origins === "*" ? "*" : cors?.origins === undefined ? "none" : "list",
    requestIdField: requestId.header,
    warn: (message) => warnings.push(message),
  });
  const timeoutMs = options.integer("handlerTimeoutMs", 1, 2_147_483_647, "milliseconds");
  const clientIp = compileClientIp(options.get("clientIp"), "clientIp", issues);
  const blueprint: Blueprint = {
    policy: Symbol(),
    requestId,
    onEvent,
    renderProblem: compileRender(options),
    onError: options.function<OnError>("onError"),
    clientIp,
    watchForProxy: watchForProxy(clientIp),
    requireHttps: options.boolean("requireHttps") ?? false,
    limitTime: timeoutMs === undefined ? undefined : compileTimeLimit(timeoutMs),
    auth,
    limits,
    authFailures: compileAuthFailures(options.get("authFailures"), issues, hasAuth),
    store,
    counters: countersOf(store, readKeySecret(options)),
    rateLimitFields,
    overrides,
    corsSending,
    cors,
    crossOrigin: compileCrossOrigin(options.get("crossOrigin"), "crossOrigin", issues, cors),
    content: compileContent(options.get("content"), "content", issues),
    headers,
    checks: compileChecks(options, checks),
  };
  options.done();
  if (issues.length > 0) throw new ConfigError(issues);
  for (const message of warnings) deliver(onEvent, { type: "warning", code: "obsolete_field", message }, undefined);
  return blueprint;
}

function compilesCors(
  options: Options,
  requestId: RequestIdPlan,
  auth: AuthPlan | undefined,
): (sent: readonly string[], issues: Issues) => CorsPlan | undefined {
  const value = options.get("cors");
  const extra = Object(Object(options.get("headers")).extra);
  const read = [...(auth?.fields ?? []), ...(requestId.keeps ? [requestId.displayName] : []), "traceparent"];
  const own = [...(requestId.sends ? [requestId.displayName] : []), ...Object.keys(extra)];
  return (sent, issues) =>
    value === undefined ? undefined : compileCors(value, "cors", issues, { sent: [...own, ...sent], read });
}

/** A store that is none is replaced, so that the rest can be checked: the mistake throws in the end. */
function checkStore(options: Options, store: RateLimitStore): RateLimitStore {
  const value = options.get("store");
  const isStore =
    typeof Object(value).consume === "function" && Array.isArray(Object(Object(value).capabilities).algorithms);
  if (value === undefined || isStore) return store;
  options.refuse("store", `${show(value)} is not a store, such as memoryStore()`);
  return memoryStore();
}

const minKeySecretBytes = 16;

function readKeySecret(options: Options): string | undefined {
  const secret = options.get("keySecret");
  if (secret === undefined) return undefined;
  if (typeof secret === "string" && new TextEncoder().encode(secret).length >= minKeySecretBytes) return secret;
  options.refuse("keySecret", `must be a string of at least ${minKeySecretBytes} bytes`);
  return undefined;
}

function compileChecks(options: Options, lists: readonly unknown[]): readonly (readonly CheckPlan[])[] {
  options.get("checks");
  const names = new Set<unknown>();
  return lists.map((list) => {
    if (!Array.isArray(list)) {
      options.refuse("checks", `${show(list)} is not a list of checks`);
      return [];
    }
    for (const [index, entry] of list.entries()) {
      const { name, check } = Object(entry);
      const refuse = (message: string): void => options.refuse(`checks[${index}]`, message);
      if (typeof name !== "string" || name === "" || typeof check !== "function")
        refuse("must be { name, check }: a name and a function");
      else if (names.has(name)) refuse(`${show(name)} is there twice: each check needs a name of its own`);
      else if ((reservedNames as readonly string[]).includes(name))
        refuse(`${show(name)} is a name of the context: choose another`);
      names.add(name);
    }
    return list;
  });
}
