import type { Exchange } from "./exchange.ts";
import { checkContentType, type HeadersPlan, writeHeaders } from "./headers/write-headers.ts";
import { isRefusal, type Refusal, refuse, renderRefusal } from "./problem.ts";
import type { Render } from "./render-problem.ts";
import type { RequestIdPlan } from "./request-id/request-id.ts";
import { isResponse, isSpent, isUpgrade } from "./response.ts";
import { fieldsWrittenTo, ResponseFields, remember } from "./response-fields.ts";

/** What the exit needs of a policy. */
export interface ExitPlan {
  readonly requestId: RequestIdPlan;
  /** What the concerns write, besides the security fields of the route. */
  readonly finishers: readonly Finisher[];
  readonly renderProblem: Render | undefined;
}

/** Writes the fields of one concern over a response. */
export type Finisher = (fields: ResponseFields, exchange: Exchange) => void;

/** What the exit needs of a route. */
export interface ExitRoute {
  readonly headers: HeadersPlan | undefined;
  readonly mayShareCache: boolean;
}

export const internalError: Refusal = /* @__PURE__ */ refuse(
  500,
  "internal_error",
  "The server failed to answer this request.",
);

/** The one exit: the fields of every policy over whatever came out of the steps. The only code that touches them. */
export function leave(plan: ExitPlan, route: ExitRoute, exchange: Exchange, answer: unknown): Response {
  if (answer === undefined && isBunUpgrade(exchange.request)) return answer as unknown as Response; // Bun takes it as "upgraded"
  try {
    if (isRefusal(answer)) return finishOwn(plan, route, exchange, answer);
    if (!isResponse(answer) || answer.status === 0 || isSpent(answer)) {
      throw new TypeError(`the handler must give a Response or a refusal made by problem(), not ${nameOf(answer)}`);
    }
    return isUpgrade(answer) ? answer : finishTheirs(plan, route, exchange, answer);
  } catch (error) {
    // The body of a kept response was sent before and cannot be sent again, say, or a problem's member is no JSON.
    exchange.fail(error);
    return finishOwn(plan, route, exchange, internalError);
  }
}

function finishOwn(plan: ExitPlan, route: ExitRoute, exchange: Exchange, refusal: Refusal): Response {
  const response = renderRefusal(refusal, exchange, plan.renderProblem);
  remember(response, write(plan, route, exchange, response, undefined));
  return response;
}

function finishTheirs(plan: ExitPlan, route: ExitRoute, exchange: Exchange, response: Response): Response {
  const earlier = fieldsWrittenTo(response);
  const isKept =
    earlier !== undefined && earlier.request !== exchange.request && earlier.request !== exchange.handlerRequest;
  const inner = isKept ? undefined : earlier;
  let writable = response;
  if (isKept) {
    writable = copy(response);
    earlier.takeOff(writable.headers);
  }
  let fields: ResponseFields;
  try {
    fields = write(plan, route, exchange, writable, inner);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Headers of fetch() results and of Response.redirect() are immutable (Fetch, "headers guard"), except on Bun.
    writable = copy(response);
    fields = write(plan, route, exchange, writable, inner);
  }
  remember(writable, fields);
  if (route.headers !== undefined) checkContentType(route.headers, exchange, writable, fields);
  return writable;
}

/** With the response itself as init: a list of its parts would lose `webSocket` on Workers. */
function copy(response: Response): Response {
  return new Response(response.body, response);
}

function write(
  plan: ExitPlan,
  route: ExitRoute,
  exchange: Exchange,
  { headers, status }: Response,
  inner: ResponseFields | undefined,
): ResponseFields {
  const fields = new ResponseFields(headers, exchange, inner);
  if (route.headers !== undefined) writeHeaders(route.headers, exchange, fields, status, route.mayShareCache);
  if (plan.requestId.sends) fields.set(plan.requestId.header, fields.requestId);
  for (const finisher of plan.finishers) finisher(fields, exchange);
  return fields;
}

function isBunUpgrade(request: Request): boolean {
  return "Bun" in globalThis && request.headers.has("upgrade");
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (!isResponse(value)) return typeof value;
  return value.status === 0 ? "Response.error()" : "one whose body was read";
}
