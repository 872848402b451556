import { type AnyHandler, compileCall } from "./call-handler.ts";
import { defaultClientIp } from "./client-ip/client-ip.ts";
import { defaultMaxBodyBytes, lengthStep } from "./content/size.ts";
import { countBody } from "./content/take-body.ts";
import { warnWithoutCors } from "./cors/cors.ts";
import { answerPreflight } from "./cors/cors-steps.ts";
import { refuseCrossOrigin } from "./cors/cross-origin.ts";
import { consoleEvents } from "./events.ts";
import { apiFields, defaultRemoved, defaultStrictTransportSecurity } from "./headers/field-table.ts";
import { anyMethod, refuseMethod } from "./methods.ts";
import { NativePlatform } from "./platform.ts";
import { defaultRequestId } from "./request-id/request-id.ts";
import { type Plan, run } from "./run.ts";
import { inOrder } from "./steps.ts";
import type { FetchHandler, Handler, RequestContext } from "./types.ts";

const crossOrigin = { origins: "none", strict: false, reportOnly: false } as const;

/** The plan of a policy without configuration, without what compiles configurations. Its console is told of no refusal. */
const plan: Plan = /* @__PURE__ */ (() => ({
  policy: Symbol(),
  requestId: defaultRequestId,
  finishers: [warnWithoutCors],
  onEvent: consoleEvents(),
  renderProblem: undefined,
  clientIp: { ...defaultClientIp },
  selectRoute: undefined,
  callHandler: compileCall(),
  base: {
    steps: inOrder({
      refuseMethod: refuseMethod(anyMethod()),
      answerPreflight: (exchange) => answerPreflight(undefined, exchange),
      refuseCrossOrigin: (exchange) => refuseCrossOrigin(crossOrigin, exchange),
      checkFields: lengthStep(defaultMaxBodyBytes),
      takeInputs: (exchange) => countBody(exchange, defaultMaxBodyBytes),
    }),
    headers: {
      names: Object.keys(apiFields),
      values: Object.values(apiFields),
      forCdn: [],
      remove: defaultRemoved,
      strictTransportSecurity: defaultStrictTransportSecurity,
      cacheControl: "no-store",
      timingAllowOrigin: undefined,
      servesHtml: false,
    },
    mayShareCache: false,
  },
}))();

/**
 * Puts the defaults around a handler: security fields, a request id, cross-origin protection and safe errors.
 * The same as `policy()(handler)`.
 */
export function secure<Native extends readonly unknown[] = readonly unknown[]>(
  handler: Handler<RequestContext, Native>,
): FetchHandler<Native> {
  if (typeof handler !== "function") throw new TypeError("secure() is called with a handler");
  return (request, ...native) => run(plan, request, new NativePlatform(request, native), handler as AnyHandler, native); // they are of its types
}
