import type { Exchange } from "./exchange.ts";
import { checkContentType, type HeadersPlan, writeHeaders } from "./headers/write-headers.ts";
import { isRefusal, type Refusal, type RenderProblem, refuse, renderRefusal } from "./problem.ts";
import type { RequestIdPlan } from "./request-id/request-id.ts";
import { isResponse, isUpgrade } from "./response.ts";

/** What the exit needs of a policy. */
export interface ExitPlan {
  readonly requestId: RequestIdPlan;
  /** What the concerns write, besides the security fields of the route. */
  readonly finishers: readonly Finisher[];
  readonly renderProblem: RenderProblem | undefined;
}

/** Writes the fields of one concern over a response. */
export type Finisher = (headers: Headers, exchange: Exchange) => void;

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

/** Responses that an exit has written to: a handler may keep one and give it again, for another client. */
const seen = /* @__PURE__ */ new WeakSet<Response>();

/** The one exit: the fields of every policy over whatever came out of the steps. The only code that touches them. */
export function leave(plan: ExitPlan, route: ExitRoute, exchange: Exchange, answer: unknown): Response {
  if (isResponse(answer) && answer.status !== 0) {
    if (isUpgrade(answer)) return answer;
    try {
      return finishTheirs(plan, route, exchange, answer);
    } catch (error) {
      // The body of a kept response was sent before, and cannot be sent again.
      exchange.fail(error);
      return finishOwn(plan, route, exchange, internalError);
    }
  }
  if (isRefusal(answer)) return finishOwn(plan, route, exchange, answer);
  if (answer === undefined && isBunUpgrade(exchange.request)) return answer as unknown as Response; // Bun takes it as "upgraded"
  exchange.fail(
    new TypeError(`the handler must give a Response or a refusal made by problem(), not ${nameOf(answer)}`),
  );
  return finishOwn(plan, route, exchange, internalError);
}

function finishOwn(plan: ExitPlan, route: ExitRoute, exchange: Exchange, refusal: Refusal): Response {
  const response = renderRefusal(refusal, exchange.requestId, exchange.request, plan.renderProblem);
  write(plan, route, exchange, response);
  return response;
}

function finishTheirs(plan: ExitPlan, route: ExitRoute, exchange: Exchange, response: Response): Response {
  let writable = response;
  if (seen.has(response)) {
    writable = new Response(response.body, response);
    forget(writable.headers, plan.requestId);
  }
  try {
    write(plan, route, exchange, writable);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Headers of fetch() results and of Response.redirect() are immutable (Fetch, "headers guard"), except on Bun.
    writable = new Response(response.body, response);
    write(plan, route, exchange, writable);
  }
  seen.add(writable);
  if (route.headers !== undefined) checkContentType(route.headers, exchange, writable);
  return writable;
}

function write(plan: ExitPlan, route: ExitRoute, exchange: Exchange, { headers, status }: Response): void {
  if (plan.requestId.sends) headers.set(plan.requestId.header, exchange.requestId);
  if (route.headers !== undefined) writeHeaders(route.headers, exchange, headers, status, route.mayShareCache);
  for (const finisher of plan.finishers) finisher(headers, exchange);
}

/** Takes off what an exit wrote for another request. */
function forget(headers: Headers, { header }: RequestIdPlan): void {
  for (const name of [...headers.keys()]) {
    if (/^(?:access-control-|x-ratelimit-|ratelimit(?:-policy)?$)/.test(name) || name === header) headers.delete(name);
  }
}

function isBunUpgrade(request: Request): boolean {
  return "Bun" in globalThis && request.headers.has("upgrade");
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return isResponse(value) ? "Response.error()" : typeof value;
}
