import { isPromise } from "./lib/maybe-promise.ts";

/** What every event of a request says. No token, key, cookie, query or body is ever in one. */
export interface EventBase {
  readonly requestId: string;
  /** A well-formed `X-Request-ID` that came with the request and was not kept: the client's word, for correlation only. */
  readonly clientRequestId?: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The client's address, where it is known. */
  readonly clientIp?: string;
  /** Who was verified, once somebody was: `subject` of the identity. */
  readonly subject?: string;
}

/** mantlet answered instead of the handler. */
export interface RefusedEvent extends EventBase {
  readonly type: "refused";
  readonly code: string;
  readonly status: number;
  /**
   * Why, where the answer does not say it: the reason of a bad token, for example `unknown_kid`; of a refused preflight,
   * `origin_not_allowed`, `method_not_allowed`, `header_not_allowed` or `no_cors`; of a cross-origin refusal,
   * `origin_not_allowed` or `no_origin`.
   */
  readonly reason?: string;
  /** True where the concern is in report mode: nothing was refused. */
  readonly reported?: true;
}

/** A rate limit refused. */
export interface LimitedEvent extends EventBase {
  readonly type: "limited";
  readonly code: "rate_limited";
  /** The names of the limits that refused. */
  readonly limits: readonly string[];
  readonly retryAfterMs: number;
  /** True where these limits are in report mode: nothing was refused. */
  readonly reported?: true;
}

/**
 * A part that a decision needs is down.
 *
 * Of a store there is one for each failure until the third in a row opens the circuit breaker, then one for each failed
 * probe: at most two a minute in a long outage, however many requests come. Requests that the open breaker keeps from the
 * store are no events. `store_recovered` ends them.
 *
 * `keys_stale` refused nobody: a key set that is due could not be fetched behind an answer, and the keys that are
 * held serve on for `staleIfErrorSeconds`. It comes once for each attempt, at most twice a minute in a long outage.
 */
export interface OutageEvent extends EventBase {
  readonly type: "store_unavailable" | "auth_unavailable";
  readonly code: "limiter_unavailable" | "auth_unavailable" | "keys_stale";
  /** What was thrown. */
  readonly error: unknown;
  /** The breaker is open: the store is left alone for so long, in milliseconds, then probed once. Absent while it is asked. */
  readonly pauseMs?: number;
}

/** The circuit breaker of a store has closed: the store answers again. */
export interface RecoveredEvent extends EventBase {
  readonly type: "store_recovered";
  readonly code: "limiter_recovered";
}

/** The handler, or another function of the user's, threw or gave something that is no answer. */
export interface HandlerErrorEvent extends EventBase {
  readonly type: "handler_error";
  readonly code: "internal_error";
  /** What was thrown. Nothing of it reaches the client. */
  readonly error: unknown;
}

/** Something works, but probably not as it was meant. */
export interface WarningEvent extends Partial<EventBase> {
  readonly type: "warning";
  readonly code: WarningCode;
  readonly message: string;
}

/** The codes of warnings. */
export type WarningCode =
  | "body_overrun"
  | "cache_narrowed"
  | "client_ip_unknown"
  | "content_type_missing"
  | "cors_field_overwritten"
  | "cors_field_without_cors"
  | "counted_per_isolate"
  | "forwarded_ignored"
  | "html_under_api_policy"
  | "obsolete_field";

/** What `onEvent` gets. */
export type PolicyEvent = RefusedEvent | LimitedEvent | OutageEvent | RecoveredEvent | HandlerErrorEvent | WarningEvent;

type WithoutBase<Event> = Event extends PolicyEvent ? Omit<Event, keyof EventBase> : never;

/** An event as the part that tells of it knows it. */
export type EventOfRequest = WithoutBase<PolicyEvent>;

/** Where events go: a metric, a log. It may be asynchronous. What it throws or rejects with is dropped; it never delays an answer. */
export type OnEvent = (event: PolicyEvent) => unknown;

/** Whatever has been thrown away: an event must never break the answer that it tells of. */
function ignore(): void {}

/** Hands an event to the user's function, under the platform's `waitUntil` where it is asynchronous. */
export function deliver(
  onEvent: OnEvent,
  event: PolicyEvent,
  waitUntil: ((work: Promise<unknown>) => void) | undefined,
): void {
  try {
    const pending = onEvent(event);
    if (!isPromise(pending)) return;
    const settled = Promise.resolve(pending).catch(ignore);
    waitUntil?.(settled);
  } catch {
    ignore();
  }
}

/** What happens without `onEvent`: errors and outages on `console.error`, each kind of warning once on `console.warn`. */
export function consoleEvents(): OnEvent {
  const warned = new Set<WarningCode>();
  return (event) => {
    if (event.type === "warning") {
      if (warned.has(event.code)) return;
      warned.add(event.code);
      console.warn(`mantlet: ${event.message}`);
    } else if ("error" in event) {
      console.error(`mantlet: ${event.code} ${event.method} ${event.path} (request ${event.requestId})`, event.error);
    }
  };
}
