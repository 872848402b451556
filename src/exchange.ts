import type { ClientIpPlan } from "./client-ip/client-ip.ts";
import type { Client } from "./client-ip/trust.ts";
import { type BodyMeter, type BodyPresence, BodyTooLargeError } from "./content/body.ts";
import { withBody } from "./content/counted-request.ts";
import { Context } from "./context.ts";
import { deliver, type EventOfRequest, type OnEvent, type WarningCode } from "./events.ts";
import type { ExitPlan } from "./exit.ts";
import type { Bytes } from "./lib/bytes.ts";
import { addressKey, noAddress, normaliseAddress } from "./lib/ip-address.ts";
import { hostOf, pathOf } from "./lib/url.ts";
import { type Refusal, refuseByStatus } from "./problem.ts";
import type { Counted } from "./rate-limit/store.ts";
import { inboundId, type RequestIdPlan, requestIdOf } from "./request-id/request-id.ts";
import { parseTraceId } from "./request-id/traceparent.ts";
import type { Anonymous, Identity, Platform } from "./types.ts";

/** What the exchange takes from the plan of its policy. */
export interface ExchangePlan {
  /** Which policy it is: the same for the plans of all its handlers. */
  readonly policy: symbol;
  readonly requestId: RequestIdPlan;
  readonly onEvent: OnEvent;
  readonly clientIp: ClientIpPlan;
}

/** What the steps know of a request's body. */
export interface ExchangeBody extends BodyMeter {
  presence: BodyPresence;
  /** Whether a tightening has told that it is too long. */
  isTold: boolean;
}

const none: readonly object[] = [];

/** What several steps need of one request, computed once and handed along. */
export class Exchange {
  readonly request: Request;
  readonly method: string;
  readonly requestId: string;
  /** The `Origin` field as it came. */
  readonly origin: string | null;
  /** `OPTIONS` with `Origin` and `Access-Control-Request-Method` (Fetch, "CORS-preflight request"), and nothing else. */
  readonly isPreflight: boolean;
  /** Whether `origin` is in the CORS list. Decided before the first step that may refuse. */
  originAllowed = false;
  /** Who is calling: `undefined` until step 7, and for a policy without `auth`. */
  auth: Identity | Anonymous | undefined = undefined;
  /** Which of the policy's authenticators verified the caller. */
  authenticatedBy = 0;
  /** Whether the request carried a credential that this policy looks at. */
  credentialed = false;

  /** The limits decided for this request so far, for the `RateLimit` fields. */
  counted: readonly Counted[] | undefined = undefined;
  /** Whether a step found the store down: a later one does not try it again. */
  isStoreDown = false;

  /** What is known of the body: whether there is one, and whether more came than is allowed. */
  readonly body: ExchangeBody = { presence: "none", isTold: false, isOverrun: false, onOverrun: undefined };
  /** Whether the handler may still be reading a body that is counted as it comes. */
  hasCountedBody = false;
  /** What handlers have held the request to after the policy admitted it. */
  tightenings: readonly object[] = none;
  /** Whose fields are written, where limits of such a handler counted. */
  tightened: ExitPlan | undefined = undefined;
  /** What the handler gets: the request as it came, or the same with its body counted. */
  handlerRequest: Request;
  /** What the handler, checks and authenticators get. */
  readonly context: Context;

  readonly #plan: ExchangePlan;
  readonly #platform: Platform;
  #url: string | undefined = undefined;
  #path: string | undefined = undefined;
  #client: Client | undefined = undefined;
  #nowMs = 0;

  constructor(plan: ExchangePlan, request: Request, platform: Platform) {
    this.#plan = plan;
    this.#platform = platform;
    this.request = request;
    this.handlerRequest = request;
    this.method = request.method;
    this.requestId = requestIdOf(plan.requestId, this);
    this.origin = request.headers.get("origin");
    this.context = new Context(this);
    this.isPreflight =
      this.method === "OPTIONS" && this.origin !== null && request.headers.has("access-control-request-method");
  }

  get policy(): symbol {
    return this.#plan.policy;
  }

  /** Read once: platforms write it anew each time that they are asked. */
  get url(): string {
    this.#url ??= this.request.url;
    return this.#url;
  }

  /** The path as it came: percent-encoded, without query. */
  get path(): string {
    this.#path ??= pathOf(this.url);
    return this.#path;
  }

  /** The client's address in one spelling: the peer's, or what trusted proxies say. */
  get clientIp(): string | undefined {
    this.#client ??= this.#findClient();
    return this.#client.address;
  }

  /**
   * Who is counted where limits count addresses: `undefined` when the address is unknown. Who hides it from a platform
   * that tells addresses has hung up, and is one client with all that do.
   */
  get addressKey(): string | undefined {
    const { clientIp } = this;
    const { ipv6PrefixBits, knowsPeers, onUnknownAddress } = this.#plan.clientIp;
    if (clientIp !== undefined) return addressKey(clientIp, ipv6PrefixBits);
    const isHidden = knowsPeers && onUnknownAddress === "skip" && this.#platform.clientIp === noAddress;
    return isHidden ? noAddress : undefined;
  }

  get onUnknownAddress(): ClientIpPlan["onUnknownAddress"] {
    return this.#plan.clientIp.onUnknownAddress;
  }

  #findClient(): Client {
    const { clientIp } = this.#platform;
    const plan = this.#plan.clientIp;
    // Supabase tells of every peer the address that it listens on itself.
    const peer = clientIp === undefined || clientIp === noAddress ? undefined : normaliseAddress(clientIp);
    if (peer !== undefined) plan.knowsPeers = true;
    return plan.read?.(this.request.headers, peer) ?? { address: peer };
  }

  /** What trusted proxies say of the client's side; `undefined` where nobody is trusted. */
  get #forwarded(): Client | undefined {
    if (this.#plan.clientIp.read === undefined) return undefined;
    this.#client ??= this.#findClient();
    return this.#client;
  }

  /** The parameters of the path, as the platform's router found them. Next.js gives a promise. */
  get params(): NonNullable<Platform["params"]> {
    return this.#platform.params ?? {};
  }

  /** Gives the handler the same request around another body. */
  replaceBody(body: Bytes | ReadableStream<Bytes>): void {
    this.handlerRequest = withBody(this.request, body, this.#platform);
  }

  /** One reading of the clock for all steps. */
  get nowMs(): number {
    this.#nowMs ||= Date.now();
    return this.#nowMs;
  }

  /** Whether the client is known to speak TLS. `http:` says less: a proxy that is not trusted may have ended TLS before us. */
  get isHttps(): boolean {
    return this.#forwarded?.isHttps ?? this.url.startsWith("https:");
  }

  /** The host that the client named, as it was written and with its port: `""` where nobody knows. */
  get host(): string {
    return this.#forwarded?.host ?? this.request.headers.get("host") ?? hostOf(this.url);
  }

  get traceId(): string | undefined {
    return parseTraceId(this.request.headers.get("traceparent"));
  }

  /** The answer that a thrown value stands for on this platform; `undefined` for an error. */
  answerThrown(thrown: unknown): Response | Refusal | "rethrow" | undefined {
    try {
      const meant = this.#platform.answerThrown?.(thrown, this.request);
      if (typeof meant !== "number") return meant;
      return meant < 400 ? undefined : (refuseByStatus(meant) ?? new Response(null, { status: meant }));
    } catch (error) {
      this.fail(error); // it cannot be sent, say
      return undefined;
    }
  }

  /** Keeps the platform alive for `work`, and reports its rejection. */
  waitUntil(work: Promise<unknown>): void {
    const tell = (error: unknown): void => {
      const { code } = Object(error);
      if (code === "keys_stale") this.emit({ type: "auth_unavailable", code, error });
      else if (!(error instanceof BodyTooLargeError || this.isObeyed(error))) this.fail(error); // of that body the policy tells
    };
    const settled = Promise.resolve(work)
      .catch(tell)
      .catch((error: unknown) => this.fail(error)); // who threw may have set a trap
    try {
      this.#platform.waitUntil?.(settled);
    } catch {
      // Nothing keeps the platform alive: outside of a request, say, as in a test of a handler.
    }
  }

  /** Whether who threw this stopped because its signal aborted: nothing failed. */
  isObeyed(error: unknown): boolean {
    const { aborted, reason } = Object(this.context.signal); // some platforms' requests have none
    return aborted === true && error === reason;
  }

  /** Hands an event on, with what every event of a request says. */
  emit(event: EventOfRequest): void {
    const { requestId, method, path, auth } = this;
    const inbound = inboundId(this.#plan.requestId, this.request);
    const isForeign = inbound !== undefined && inbound !== requestId;
    const clientIp = this.#addressForEvents();
    const base = {
      requestId,
      ...(isForeign && { clientRequestId: inbound }),
      method,
      path,
      ...(clientIp !== undefined && { clientIp }),
      ...(auth && auth.subject !== null && { subject: auth.subject }),
    };
    deliver(this.#plan.onEvent, { ...event, ...base }, this.#platform.waitUntil);
  }

  /** An event may tell that the platform failed to say who connects. */
  #addressForEvents(): string | undefined {
    try {
      return this.clientIp;
    } catch {
      return undefined;
    }
  }

  /** Reports what a function of the user's threw. */
  fail(error: unknown): void {
    this.emit({ type: "handler_error", code: "internal_error", error });
  }

  warn(code: WarningCode, message: string): void {
    this.emit({ type: "warning", code, message });
  }
}
