import type { IncomingMessage, ServerResponse } from "node:http";

/** How a provider answers who asks for its keys. */
export type Answer = (response: ServerResponse, keys: readonly unknown[], request: IncomingMessage) => void;

/** The keys, with these fields. */
export function keysWith(fields: Readonly<Record<string, string>> = {}): Answer {
  return (response, keys) => {
    response.writeHead(200, { "content-type": "application/jwk-set+json", ...fields });
    response.end(JSON.stringify({ keys }));
  };
}

/** Anything else than the keys. */
export function text(body: string, status = 200, fields: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, fields);
    response.end(body);
  };
}

/** The keys, at another address. */
export function redirectTo(location: string, status = 302): Answer {
  return text("", status, { location });
}

/** The keys, after a while. */
export function late(delayMs: number): Answer {
  return (response, keys, request) => {
    const timer = setTimeout(() => keysWith()(response, keys, request), delayMs);
    response.once("close", () => clearTimeout(timer));
  };
}

/** Nothing, ever. */
export const silence: Answer = () => undefined;

/** A good beginning, and then a byte now and then. */
export const drip: Answer = (response, keys) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write(JSON.stringify({ keys }).slice(0, -1));
  const timer = setInterval(() => response.write(" "), 50);
  response.once("close", () => clearInterval(timer));
};

/** The keys and then white space, as far as anybody reads. Tells how many bytes were taken. */
export function huge(bytes: number, taken: (bytes: number) => void, announces = false): Answer {
  return async (response, keys) => {
    response.writeHead(200, { "content-type": "application/json", ...(announces && { "content-length": bytes }) });
    const closed = new Promise((resolve) => response.once("close", resolve));
    const begin = JSON.stringify({ keys });
    let written = begin.length;
    response.write(begin);
    const chunk = " ".repeat(16_384);
    while (written < bytes && !response.destroyed) {
      const part = chunk.slice(0, bytes - written);
      written += part.length;
      if (!response.write(part))
        await Promise.race([closed, new Promise((resolve) => response.once("drain", resolve))]);
    }
    taken(written);
    response.end();
  };
}
