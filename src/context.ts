import type { Exchange } from "./exchange.ts";
import type { RequestContext } from "./types.ts";

/** What handlers, checks and authenticators see of an exchange. Facts and the identity are added as own properties. */
export class Context implements RequestContext {
  readonly requestId: string;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.requestId = exchange.requestId;
    this.#exchange = exchange;
  }

  static exchangeOf(context: object): Exchange | undefined {
    return #exchange in context ? context.#exchange : undefined;
  }

  get traceId(): string | undefined {
    return this.#exchange.traceId;
  }

  get clientIp(): string | undefined {
    return this.#exchange.clientIp;
  }

  get signal(): AbortSignal {
    return this.#exchange.request.signal; // where `handlerTimeoutMs` is set, an own property hides this while the handler runs
  }

  get waitUntil(): (work: Promise<unknown>) => void {
    return (work) => this.#exchange.waitUntil(work);
  }
}

/** The exchange behind a context; `undefined` where it is no context of ours. */
export function exchangeOf(context: object): Exchange | undefined {
  return Context.exchangeOf(context);
}
