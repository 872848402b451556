import { conformance } from "./conformance.ts";
import { pathOf, startProcess } from "./spawn.ts";

conformance("Node by srvx", {
  webSockets: "none",
  start: () => startProcess("node", [pathOf("servers/srvx.ts")]),
});
