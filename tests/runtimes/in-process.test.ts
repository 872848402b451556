import { createApp } from "./app.ts";
import { requestOf } from "./client.ts";
import { conformance } from "./conformance.ts";

const { run } = createApp();

conformance("in process", {
  webSockets: "none",
  connections: "none",
  start: async () => ({
    url: undefined,
    send: async (path, sent) => {
      const response = await run(requestOf(path, sent), { clientIp: "127.0.0.1" });
      // As every server does: a handler for GET answers HEAD too.
      return sent?.method === "HEAD" ? new Response(null, response) : response;
    },
    stop: async () => undefined,
  }),
});
