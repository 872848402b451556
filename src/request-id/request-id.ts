import type { Exchange } from "../exchange.ts";
import { disown } from "../lib/maybe-promise.ts";
import { type Issues, Options, show } from "../lib/options.ts";
import { isToken } from "../lib/tokens.ts";

/** How requests get their id. `false` sends no field; the id stays in the context, in problems and in events. */
export type RequestIdOptions =
  | false
  | {
      /** The field that carries the id. Default: `"X-Request-ID"`. */
      readonly header?: string;
      /**
       * What to do with an id that came with the request. By default it is not kept: a stranger must not choose ids in
       * your logs. Behind a gateway that sets it, `"accept"` keeps one of 8 to 128 characters of `A-Za-z0-9._~:@=+/-`;
       * a function decides case by case among those: one that throws keeps nothing, and a `handler_error` event says so.
       */
      readonly inbound?: "accept" | ((id: string, request: Request) => boolean);
    };

/** How this policy makes ids. */
export interface RequestIdPlan {
  /** Lower-case; the field is read (and kept from other requests' copies) under this name. */
  readonly header: string;
  /** As it is written to browsers. */
  readonly displayName: string;
  readonly sends: boolean;
  readonly keeps: ((id: string, exchange: Asking) => boolean) | undefined;
}

/** Of an exchange, what is there before it has an id. */
type Asking = Pick<Exchange, "request" | "waitUntil">;

const wellFormed = /^[A-Za-z0-9._~:@=+/-]{8,128}$/;

/** The plan of a policy that says nothing of `requestId`. */
export const defaultRequestId: RequestIdPlan = {
  header: "x-request-id",
  displayName: "X-Request-ID",
  sends: true,
  keeps: undefined,
};

export function compileRequestId(value: unknown, path: string, issues: Issues): RequestIdPlan {
  if (value === undefined) return defaultRequestId;
  if (value === false) return { ...defaultRequestId, sends: false };
  const options = new Options(value, path, issues);
  const header = options.get("header") ?? "X-Request-ID";
  const isName = typeof header === "string" && isToken(header);
  if (!isName) options.refuse("header", `${show(header)} is not a field name`);
  const inbound = options.get("inbound");
  if (inbound !== undefined && inbound !== "accept" && typeof inbound !== "function") {
    options.refuse(
      "inbound",
      `${show(inbound)} must be "accept" or a function of the id; leave it out to make every id here`,
    );
  }
  options.done();
  return {
    header: isName ? header.toLowerCase() : "",
    displayName: isName ? header : "",
    sends: true,
    keeps: compileKeeps(inbound),
  };
}

/** A function of the user's that throws keeps nothing: the request goes on under an id of ours, and that is told later. */
function compileKeeps(inbound: unknown): RequestIdPlan["keeps"] {
  if (inbound === undefined) return undefined;
  if (typeof inbound !== "function") return () => true;
  return (id, exchange) => {
    try {
      const kept: unknown = inbound(id, exchange.request);
      if (typeof kept === "boolean") return kept;
      disown(kept);
      throw new TypeError("requestId.inbound must give true or false, at once");
    } catch (error) {
      exchange.waitUntil(Promise.reject(error)); // the event needs the id that is yet to be made
      return false;
    }
  };
}

/** The id of a request: one that came with it where the plan keeps it, else a new one. */
export function requestIdOf(plan: RequestIdPlan, exchange: Asking): string {
  if (plan.keeps !== undefined) {
    const inbound = inboundId(plan, exchange.request);
    if (inbound !== undefined && plan.keeps(inbound, exchange)) return inbound;
  }
  return crypto.randomUUID();
}

/** A well-formed id that came with the request. */
export function inboundId({ header }: RequestIdPlan, request: Request): string | undefined {
  const id = request.headers.get(header);
  return id !== null && wellFormed.test(id) ? id : undefined;
}
