import type { OnEvent } from "../../../../src/index.ts";
import { createApp } from "../app.ts";

/** What runs on the real runtimes: an API, another one that has the same keys to fetch, and ways to steer them. */
export function createHandler(
  issuer: string,
  jwks: string,
): (request: Request, ...native: unknown[]) => Promise<Response> {
  const told: string[] = [];
  const onEvent: OnEvent = (event) => void told.push("error" in event ? allOf(event.error) : event.type);
  const first = createApp({ issuer, jwks, onEvent });
  const second = createApp({ issuer, jwks });
  return async (request, ...native) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/told") return Response.json(told);
    if (pathname === "/purge") {
      first.purge();
      return new Response(null, { status: 204 });
    }
    if (pathname === "/abandoned" || pathname === "/kept") {
      // The answer does not wait: only the platform's waitUntil can keep alive what was begun.
      void first.fetch(request, ...(pathname === "/kept" ? native : []));
      await new Promise((resolve) => setTimeout(resolve, 100));
      return new Response(null, { status: 204 });
    }
    return (pathname === "/second" ? second : first).fetch(request, ...native);
  };
}

/** Everything that a log could show of an error and its causes. */
function allOf(error: unknown): string {
  const { message, stack, cause } = Object(error);
  return `${message} ${stack} ${JSON.stringify(error)} ${cause === undefined ? "" : allOf(cause)}`;
}
