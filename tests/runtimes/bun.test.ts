import { conformance } from "./conformance.ts";
import { pathOf, startProcess } from "./spawn.ts";

conformance("Bun", {
  webSockets: "supported",
  connections: "kept",
  ownFields: { params: { id: "7" }, cookie: "1" },
  start: () => startProcess("bun", ["run", "--no-install", pathOf("servers/bun.ts")]),
});
