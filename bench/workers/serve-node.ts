import { type HttpBindings, serve } from "@hono/node-server";
import { Hono } from "hono";
import { middleware } from "../../adapters/hono.ts";
import { mantletPolicy } from "../contenders/mantlet.ts";
import { raw } from "../contenders/raw.ts";
import { rivalsWith } from "../contenders/served.ts";
import { type ServerFetch, serveStack } from "../harness/serve-stack.ts";

const addressOf = ({ incoming }: HttpBindings): string => incoming.socket.remoteAddress ?? "";

await serveStack<HttpBindings>(
  {
    ...rivalsWith(addressOf),
    mantlet: (variant) => mantletPolicy(variant)(raw()),
    "raw in hono": () => new Hono().get("*", raw()).fetch,
    "mantlet in hono": (variant) => new Hono().use(middleware(mantletPolicy(variant))).get("*", raw()).fetch,
  },
  (fetch) =>
    new Promise((resolve) => {
      // The types of its option know of HTTP/2 too, which nobody speaks here.
      const options = { fetch: fetch as ServerFetch<unknown>, hostname: "127.0.0.1", port: 0 };
      serve(options, ({ port }) => resolve(port));
    }),
);
