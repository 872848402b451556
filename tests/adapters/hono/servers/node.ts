import { serve } from "@hono/node-server";
import { createApp } from "../app.ts";

serve({ fetch: createApp().fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/`);
});
