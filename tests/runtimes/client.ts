import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request to the application under test. */
export type Send = (path: string, sent?: Sent) => Promise<Response>;

/** Over a socket, with every field as given: browsers' own fetch would choose Host, Origin and Sec-Fetch-Site itself. */
export function sendTo(origin: string): Send {
  return (path, { method = "GET", headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      // A socket of its own: after a refused body a server may close the one that an agent would use again.
      const outgoing = request(new URL(path, origin), { method, headers, agent: false });
      outgoing.on("response", (message) => resolve(responseOf(message, method)));
      outgoing.on("error", reject);
      outgoing.end(body);
    });
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
