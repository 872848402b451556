import { upgradeWebSocket, websocket } from "hono/bun";
import { createApp } from "../app.ts";

/** The part of Bun that is used here: its types are no dependency. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch: (request: Request, server: object) => Response | Promise<Response>;
    websocket: unknown;
  }): { readonly port: number };
};

const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: createApp(upgradeWebSocket).fetch, websocket });
console.log(`http://127.0.0.1:${port}/`);
