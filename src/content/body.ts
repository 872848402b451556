import type { Bytes } from "../lib/bytes.ts";

/**
 * What the fields say of a body. One that is `"sized"` ends where `Content-Length` says: servers see to that (RFC 9112
 * §6.3). One that is `"streamed"` may have any length, as a body that something in front of us has decoded may. An
 * `"undeclared"` one may be none: HTTP/2 needs no length, and a body is not null on Deno, srvx and
 * @hono/node-server where nothing was sent.
 */
export type BodyPresence = "none" | "sized" | "streamed" | "undeclared";

/** What is known of a body that is being read. */
export interface BodyMeter {
  /** More came than is allowed. Whatever the handler made of it, the answer is 413. */
  isOverrun: boolean;
  /** Called once, when the limit is passed. */
  onOverrun: (() => void) | undefined;
}

/** What a reader of a body that is too long gets. */
export class BodyTooLargeError extends Error {
  override readonly name: string = "BodyTooLargeError";
  /** Read by code that maps errors to statuses. */
  readonly status: number = 413;

  constructor(maxBytes: number) {
    super(`the request body is longer than ${maxBytes} bytes`);
  }
}

/**
 * The bytes of a stream, counted as they pass; nothing is kept. It errors when there are too many.
 *
 * @param open - Called when somebody reads: Node discards a body that nobody reads, and hangs on one that is half read.
 */
export function countBytes(
  open: () => ReadableStreamDefaultReader<Bytes>,
  maxBytes: number,
  meter: BodyMeter,
  first?: Bytes,
): ReadableStream<Bytes> {
  let total = 0;
  let pending = first;
  let opened: ReadableStreamDefaultReader<Bytes> | undefined;
  const source = (): ReadableStreamDefaultReader<Bytes> => {
    opened ??= open();
    return opened;
  };
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const chunk = pending ?? (await source().read()).value;
        pending = undefined;
        if (chunk === undefined) return controller.close();
        total += chunk.byteLength;
        if (total <= maxBytes) return controller.enqueue(chunk);
        controller.error(overrun(source(), maxBytes, meter));
      },
      cancel: (reason) => source().cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Reads a whole body into one array; throws `BodyTooLargeError` as soon as too much has come. */
export async function readBytes(
  source: ReadableStreamDefaultReader<Bytes>,
  maxBytes: number,
  meter: BodyMeter,
  first?: Bytes,
): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let total = 0;
  for (let chunk = first ?? (await source.read()).value; chunk !== undefined; chunk = (await source.read()).value) {
    total += chunk.byteLength;
    if (total > maxBytes) throw overrun(source, maxBytes, meter);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Bytes) : concatenate(chunks, total); // one chunk, so there is a first
}

/** Counts a body that the platform reads as a whole; throws `BodyTooLargeError` when it is longer than it may be. */
export async function readAtOnce(read: Promise<ArrayBuffer>, maxBytes: number, meter: BodyMeter): Promise<ArrayBuffer> {
  const buffer = await read;
  if (buffer.byteLength > maxBytes) throw noteOverrun(maxBytes, meter);
  return buffer;
}

function overrun(source: ReadableStreamDefaultReader<Bytes>, maxBytes: number, meter: BodyMeter): BodyTooLargeError {
  const error = noteOverrun(maxBytes, meter);
  discard(source, error).catch(() => {}); // the sender may be gone; there is nobody to tell
  return error;
}

export function noteOverrun(maxBytes: number, meter: BodyMeter): BodyTooLargeError {
  meter.isOverrun = true;
  meter.onOverrun?.();
  return new BodyTooLargeError(maxBytes);
}

const discardedBytes = 1_048_576;

/**
 * Takes the rest of a body that is a little too long and drops it, else Node would leave the connection waiting; a rest
 * that does not end is cancelled. On Deno all of it is: it leaves the connection free by itself, and a read that waits when the
 * answer has gone never settles there, which keeps the body in memory and the process from ending.
 */
async function discard(source: ReadableStreamDefaultReader<Bytes>, reason: Error): Promise<void> {
  let total = 0;
  while (total <= discardedBytes && !("Deno" in globalThis)) {
    const { value } = await source.read();
    if (value === undefined) return;
    total += value.byteLength;
  }
  await source.cancel(reason);
}

function concatenate(chunks: readonly Bytes[], total: number): Bytes {
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
