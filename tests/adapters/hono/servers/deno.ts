import { upgradeWebSocket } from "hono/deno";
import { createApp } from "../app.ts";

/** The part of Deno that is used here: its types are no dependency. */
declare const Deno: {
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: (request: Request, info: object) => Response | Promise<Response>,
  ): void;
};

Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`) },
  createApp(upgradeWebSocket).fetch,
);
