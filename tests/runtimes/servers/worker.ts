import { createApp } from "../app.ts";

/** The parts of Workers that are used here: their types are no dependency. */
interface ServerSocket extends WebSocket {
  accept(): void;
}
declare const WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: ServerSocket };
interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}

const app = createApp(() => {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener("message", ({ data }) => server.send(data));
  const init: ResponseInit & { webSocket: WebSocket } = { status: 101, webSocket: client };
  return new Response(null, init);
});

export default {
  fetch: (request: Request, _env: unknown, context: ExecutionContext): Promise<Response> =>
    app.run(request, {
      clientIp: request.headers.get("cf-connecting-ip") ?? undefined,
      waitUntil: (work) => context.waitUntil(work),
    }),
};
