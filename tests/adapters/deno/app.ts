// Run by Deno: the app of the suite for adapters, counted in Deno KV. It needs no permission but the network.
import { type DenoFetch, type DenoKv, denoHandler, denoKvStore, type ServeInfo } from "../../../adapters/deno.ts";
import { policy } from "../../../src/index.ts";
import { adapterHandlers, adapterPolicy } from "../../../src/testing.ts";

/** The part of Deno that is used here: its types are no dependency. */
declare const Deno: {
  openKv(path: string): Promise<DenoKv>;
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: (request: Request, info: ServeInfo) => Promise<Response>,
  ): void;
  upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
};

function echo(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.addEventListener("message", ({ data }) => socket.send(data));
  return response;
}

const store = denoKvStore(await Deno.openKv(":memory:"), { timeoutMs: 30_000 });
const suite = denoHandler(adapterPolicy().with({ store }), (request, context) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/websocket") return echo(request);
  return adapterHandlers.get(pathname)?.(request, context) ?? new Response(null, { status: 404 });
});
const counted = denoHandler(policy({ store, rateLimit: { limit: 50, windowSeconds: 3600 } }), () =>
  Response.json("ok"),
);
const fetch: DenoFetch = (request, info) => (request.url.endsWith("/counted") ? counted : suite)(request, info);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`) }, fetch);
