import { conformance } from "./conformance.ts";
import { pathOf, startProcess } from "./spawn.ts";

conformance("Node by srvx", {
  webSockets: "none",
  connections: "kept",
  ownFields: { ip: "127.0.0.1" },
  start: () => startProcess("node", [pathOf("servers/srvx.ts")]),
});
