import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

export interface Sent {
  readonly method?: string;
  /** A list is one line of the field for each entry. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Chunks are sent as they come, without a length. When they end in an error, the client hangs up. */
  readonly body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** Adds no field about a body, where a client would say that there is none. */
  readonly unframed?: true;
}

/** Sends a request to the application under test. */
export type Send = (path: string, sent?: Sent) => Promise<Response>;

/** Over a socket, with every field as given: browsers' own fetch would choose Host, Origin and Sec-Fetch-Site itself. */
export function sendTo(origin: string): Send {
  return (path, { method = "GET", headers = {}, body, unframed } = {}) =>
    new Promise((resolve, reject) => {
      // A socket of its own: after a refused body a server may close the one that an agent would use again.
      const outgoing = request(new URL(path, origin), { method, agent: false });
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
      outgoing.on("response", (message) => resolve(responseOf(message, method)));
      outgoing.on("error", reject);
      if (unframed) leaveUnframed(outgoing);
      // Node does not say for every method that a body is there.
      else if (isStreamed(body)) outgoing.setHeader("Transfer-Encoding", "chunked");
      else if (body !== undefined) outgoing.setHeader("Content-Length", Buffer.byteLength(body));
      if (isStreamed(body)) pipeline(Readable.from(body), outgoing).catch(reject);
      else outgoing.end(body);
    });
}

/** Node writes a field about the body unless it is told for both that there shall be none. */
function leaveUnframed(outgoing: ClientRequest): void {
  outgoing.removeHeader("Content-Length");
  outgoing.removeHeader("Transfer-Encoding");
}

function isStreamed(body: Sent["body"]): body is AsyncIterable<Uint8Array<ArrayBuffer>> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

/** The same request without a socket. As over HTTP/2, nothing says that a body in chunks is there. */
export function requestOf(path: string, { method = "GET", headers = {}, body }: Sent = {}): Request {
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const line of [value].flat()) fields.append(name, line);
  if (body !== undefined && !isStreamed(body)) fields.set("Content-Length", String(Buffer.byteLength(body)));
  // The init of a stream needs `duplex` (Fetch), which TypeScript's DOM types do not know.
  const init: RequestInit & { readonly duplex: "half" } = {
    method,
    headers: fields,
    // Text as bytes: for a string the constructor would add a Content-Type of its own.
    body: body === undefined ? null : isStreamed(body) ? streamOf(body) : Buffer.from(body),
    duplex: "half",
  };
  return new Request(`http://127.0.0.1${path}`, init);
}

function streamOf(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await iterator.return?.()),
    },
    { highWaterMark: 0 },
  );
}

/** The fields of a WebSocket handshake, with the key of RFC 6455 §1.3. */
export const handshakeFields = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** What a WebSocket handshake is answered with, and the fields of it. */
export function handshake(
  origin: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly headers: Headers }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL("/websocket", origin), {
      headers: { ...handshakeFields, ...headers },
      agent: false,
    });
    const settle = (message: IncomingMessage): void => {
      message.destroy();
      resolve({ status: message.statusCode ?? 0, headers: headersOf(message) });
    };
    outgoing.on("upgrade", (message, socket) => {
      socket.destroy();
      settle(message);
    });
    outgoing.on("response", settle);
    outgoing.on("error", reject);
    outgoing.end();
  });
}

function responseOf(message: IncomingMessage, method: string): Response {
  const status = message.statusCode ?? 0;
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
  if (!hasBody) message.resume();
  // Node's own stream type and that of the DOM differ in name only.
  const body = hasBody ? (Readable.toWeb(message) as NodeReadableStream as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status, headers: headersOf(message) });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  }
  return headers;
}
