import { createApp } from "../app.ts";

/** What runs on the real runtimes: an API, another one that has the same keys to fetch, and ways to steer them. */
export function createHandler(
  issuer: string,
  jwks: string,
): (request: Request, ...native: unknown[]) => Promise<Response> {
  const first = createApp({ issuer, jwks });
  const second = createApp({ issuer, jwks });
  return async (request, ...native) => {
    const { pathname } = new URL(request.url);
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
