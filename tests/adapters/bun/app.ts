// Run by Bun: the app of the suite for adapters, with a bare policy: Bun needs no adapter.
import { adapterHandlers, adapterPolicy } from "../../../src/testing.ts";

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
}

/** The part of Bun that is used here: its types are no dependency. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: BunServer): Promise<Response>;
    websocket: { message(socket: { send(data: unknown): void }, data: unknown): void };
  }): BunServer;
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: adapterPolicy()((request, context, own: BunServer) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/websocket" && own.upgrade(request)) return undefined as unknown as Response; // Bun's word for it
    return adapterHandlers.get(pathname)?.(request, context) ?? new Response(null, { status: 404 });
  }),
  websocket: { message: (socket, data) => socket.send(data) },
});
console.log(`http://127.0.0.1:${server.port}/`);
