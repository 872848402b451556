import { createApp } from "../app.ts";

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
}

type Serve = (request: Request, server: BunServer) => Promise<Response>;

/** The part of Bun that is used here: its types are no dependency. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    routes: Readonly<Record<string, Serve>>;
    fetch: Serve;
    websocket: { message(socket: { send(data: unknown): void }, data: unknown): void };
  }): BunServer;
};

const { fetch } = createApp((request) => {
  if (!server.upgrade(request)) return new Response(null, { status: 426, headers: { Upgrade: "websocket" } });
  return undefined as unknown as Response; // Bun's word for "upgraded"
});
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  routes: { "/content/own-fields/:id": fetch },
  fetch,
  websocket: { message: (socket, data) => socket.send(data) },
});
console.log(`http://127.0.0.1:${server.port}/`);
