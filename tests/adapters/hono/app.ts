import { Hono } from "hono";
import type { UpgradeWebSocket } from "hono/ws";
import { middleware } from "../../../adapters/hono.ts";
import { adapterHandlers, adapterPolicy } from "../../../src/testing.ts";

/** The app of the adapter suite in Hono. */
export function createApp(upgrade?: UpgradeWebSocket): Hono {
  const app = new Hono();
  app.onError((_, c) => c.text("the app's own words", 500));
  const policed = app.use(middleware(adapterPolicy()));
  for (const [path, handle] of adapterHandlers) policed.all(path, (c) => handle(c.req.raw, c.var));
  if (upgrade !== undefined) {
    app.get(
      "/websocket",
      upgrade(() => ({ onMessage: ({ data }, socket) => socket.send(String(data)) })),
    );
  }
  return app;
}
