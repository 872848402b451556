import { type FetchHandler, type PolicyConfig, policy, type RequestContext } from "../../src/index.ts";
import { silent } from "../lib/harness.ts";

/** The configuration of a policy without authentication, routes and checks. */
export type PlainConfig = Omit<PolicyConfig<undefined, string, never, []>, "checks">;

type Fields = Readonly<Record<string, string>>;

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Fields;
  readonly signal?: AbortSignal;
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>;
}

/** A request as a server hands it over: text is sent as bytes, so that no type is added to it. */
export function send({ method = "POST", path = "/", headers = {}, signal, body }: Sent = {}): Request {
  return new Request(`https://api.example.com${path}`, {
    method,
    headers,
    ...(signal && { signal }),
    ...(body !== undefined && {
      body: typeof body === "string" ? new TextEncoder().encode(body) : (body as BodyInit), // any Uint8Array can be sent
      duplex: "half",
    }),
  });
}

/** A JSON body whose fields say that it is there. */
export function sendJson(value: unknown, sent: Sent = {}): Request {
  return sendText(typeof value === "string" ? value : JSON.stringify(value), sent);
}

function sendText(text: string, sent: Sent): Request {
  const bytes = new TextEncoder().encode(text);
  const declared = { "content-type": "application/json", "content-length": String(bytes.byteLength) };
  return send({ ...sent, headers: { ...declared, ...sent.headers }, body: bytes });
}

/** How requests may tell of a body of two bytes: by a field, or not at all, as in HTTP/2. */
export const carriers: readonly (readonly [how: string, fields: Fields])[] = [
  ["declared by Content-Length", { "content-length": "2" }],
  ["declared by Transfer-Encoding", { "transfer-encoding": "chunked" }],
  ["undeclared until it comes", {}],
];

/** A policy around a handler that counts its calls and answers 200. */
export function counting(config: PlainConfig): { readonly fetch: FetchHandler; readonly calls: () => number } {
  let calls = 0;
  const fetch = policy({ onEvent: silent, ...config })(() => {
    calls++;
    return Response.json({ status: "ok" });
  });
  return { fetch, calls: () => calls };
}

/** What became of a stream of a sender. */
export interface Sending {
  readonly stream: ReadableStream<Uint8Array>;
  /** How many chunks were asked for. */
  pulled: number;
  /** Whether the receiver told the sender to stop. */
  isCancelled: boolean;
}

/** A stream that makes each chunk when it is asked for, and notes what the receiver does. */
export function sending(...chunks: readonly string[]): Sending {
  const state: Sending = {
    pulled: 0,
    isCancelled: false,
    stream: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = chunks[state.pulled];
          if (chunk === undefined) return controller.close();
          state.pulled++;
          controller.enqueue(new TextEncoder().encode(chunk));
        },
        cancel() {
          state.isCancelled = true;
        },
      },
      { highWaterMark: 0 },
    ),
  };
  return state;
}

/** A handler that answers with the text of its request's body. */
export const echo = async (request: Request, _context: RequestContext): Promise<Response> =>
  Response.json({ text: await request.text() });

/** A policy that takes bodies of any type up to so many bytes. */
export function limited(
  maxBodyBytes: number,
  onEvent: PolicyConfig["onEvent"] & object,
): (handler: (request: Request) => Response | Promise<Response>) => (request: Request) => Promise<Response> {
  const types = ["text/plain", "application/json", "application/x-www-form-urlencoded"];
  return policy({ content: { maxBodyBytes, accepts: types }, onEvent });
}
