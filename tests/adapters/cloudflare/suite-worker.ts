import { durableObjectStore, type RateLimiterNamespace, worker } from "../../../adapters/cloudflare.ts";
import { adapterHandlers, adapterPolicy } from "../../../src/testing.ts";

export { RateLimiter } from "../../../adapters/cloudflare.ts";

interface Env {
  readonly LIMITER: RateLimiterNamespace;
}
/** The parts of Workers that are used here: their types are no dependency. */
interface ServerSocket extends WebSocket {
  accept(): void;
}
declare const WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: ServerSocket };

function echo(): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener("message", ({ data }) => server.send(data));
  const init: ResponseInit & { webSocket: WebSocket } = { status: 101, webSocket: client };
  return new Response(null, init);
}

/** The app of the suite for adapters, counted in a Durable Object. */
export default {
  fetch: worker(
    (env: Env) => adapterPolicy().with({ store: durableObjectStore(env.LIMITER, { timeoutMs: 30_000 }) }),
    (request, context) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/websocket") return echo();
      return adapterHandlers.get(pathname)?.(request, context) ?? new Response(null, { status: 404 });
    },
  ),
};
