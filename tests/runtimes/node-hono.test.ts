import { conformance } from "./conformance.ts";
import { pathOf, startProcess } from "./spawn.ts";

conformance("Node by @hono/node-server", {
  webSockets: "none",
  connections: "kept",
  start: () => startProcess("node", [pathOf("servers/hono-node-server.ts")]),
});
