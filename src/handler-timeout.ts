import type { Exchange } from "./exchange.ts";
import { isPromise, type MaybePromise } from "./lib/maybe-promise.ts";
import { type Refusal, refuse } from "./problem.ts";
import { tell } from "./tell.ts";

const timedOut: Refusal = /* @__PURE__ */ refuse(503, "handler_timeout", "The server took too long to answer.", {
  "retry-after": "1",
});

/** Calls a handler, and answers in its place when it takes too long. */
export type TimeLimit = (exchange: Exchange, call: () => MaybePromise<unknown>) => MaybePromise<unknown>;

/**
 * Limits the time until a handler has its response, not the time that the response's body takes. A handler that is late
 * is told by `context.signal`; what it still does is its own business.
 */
export function compileTimeLimit(timeoutMs: number): TimeLimit {
  return (exchange, call) => {
    const controller = new AbortController();
    const signal = AbortSignal.any([exchange.request.signal, controller.signal]);
    Object.defineProperty(exchange.context, "signal", { value: signal, enumerable: true }); // adapters show what is own
    const answer = call();
    if (!isPromise(answer)) return answer;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        controller.abort(new DOMException("the handler took too long", "TimeoutError"));
        if (!exchange.body.isOverrun) tell(timedOut, exchange); // of a body that is too long another part tells
        setTimeout(resolve, 0, timedOut); // when those who obey have ended: else Hono would put what they end with in its place
      }, timeoutMs);
      const settle =
        (end: (value: unknown) => void) =>
        (value: unknown): void => {
          clearTimeout(timer);
          if (!isLate) end(value);
        };
      answer.then(settle(resolve), settle(reject));
    });
  };
}
