import type { Exchange } from "../exchange.ts";
import type { Bytes } from "../lib/bytes.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { isRefusal, type Refusal, refuse } from "../problem.ts";
import { BodyTooLargeError, countBytes, noteOverrun, readBytes } from "./body.ts";
import { countInPlace } from "./count-in-place.ts";
import { tooLarge } from "./size.ts";

const incomplete = /* @__PURE__ */ refuse(400, "incomplete_body", "The request body has ended too early.");

/** Gives the handler a request whose body is counted as it is read, without waiting for any of it. */
export function countBody(exchange: Exchange, maxBodyBytes: number): undefined {
  const { request, body } = exchange;
  if (body.presence === "none") return;
  exchange.hasCountedBody = true;
  if (body.presence === "sized" && countInPlace(request, maxBodyBytes, body)) return;
  exchange.replaceBody(countBytes(() => readerOf(request), maxBodyBytes, body));
}

/**
 * The same, once the first chunk has come: whether a body that no field declared is there at all. `refuseType` judges
 * it when it is.
 */
export async function countUndeclaredBody(
  exchange: Exchange,
  maxBodyBytes: number,
  refuseType: (exchange: Exchange) => Refusal | undefined,
): Promise<Refusal | undefined> {
  const source = readerOf(exchange.request);
  const first = await firstChunk(source).catch(() => incomplete);
  if (isRefusal(first)) return first;
  const mistyped = first && refuseType(exchange);
  if (mistyped !== undefined) return mistyped;
  exchange.hasCountedBody = true;
  exchange.replaceBody(countBytes(() => source, maxBodyBytes, exchange.body, first));
  return undefined;
}

/** What becomes of a body that was read. */
export type TakeBytes = (bytes: Bytes, exchange: Exchange) => MaybePromise<Refusal | undefined>;

/** Hands the bytes of a body on, or says why they cannot be had. A body that is not there has none. */
export function readBody(
  exchange: Exchange,
  maxBodyBytes: number,
  refuseType: (exchange: Exchange) => Refusal | undefined,
  take: TakeBytes,
): MaybePromise<Refusal | undefined> {
  const { body, handlerRequest } = exchange; // counted already, where a handler asks for it late
  if (body.presence === "none") return take(new Uint8Array(), exchange);
  const wasUsed = handlerRequest.bodyUsed;
  const explain = (error: unknown): Refusal => {
    if (error instanceof BodyTooLargeError) return tooLarge; // by our count, or that of a policy around this one
    if (wasUsed) throw error;
    return incomplete;
  };
  if (body.presence === "sized") {
    return handlerRequest.arrayBuffer().then((buffer) => {
      if (buffer.byteLength <= maxBodyBytes) return take(new Uint8Array(buffer), exchange);
      noteOverrun(maxBodyBytes, body);
      return tooLarge;
    }, explain);
  }
  return readStream(exchange, maxBodyBytes, refuseType)
    .catch(explain)
    .then((bytes) => (isRefusal(bytes) ? bytes : take(bytes, exchange)));
}

async function readStream(
  exchange: Exchange,
  maxBodyBytes: number,
  refuseType: (exchange: Exchange) => Refusal | undefined,
): Promise<Bytes | Refusal> {
  const source = readerOf(exchange.handlerRequest);
  const first = await firstChunk(source);
  const mistyped = first && exchange.body.presence === "undeclared" ? refuseType(exchange) : undefined;
  return mistyped ?? readBytes(source, maxBodyBytes, exchange.body, first);
}

/** A request whose fields declare a body has a stream on every platform; in a test it may have none. */
function readerOf({ body }: Request): ReadableStreamDefaultReader<Bytes> {
  return (body ?? new ReadableStream<Bytes>({ start: (controller) => controller.close() })).getReader();
}

/** The first bytes; empty chunks say nothing. `undefined` at the end. */
async function firstChunk(source: ReadableStreamDefaultReader<Bytes>): Promise<Bytes | undefined> {
  for (let { value } = await source.read(); value !== undefined; { value } = await source.read()) {
    if (value.byteLength > 0) return value;
  }
  return undefined;
}
