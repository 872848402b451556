import { conformance } from "./conformance.ts";
import { pathOf, startProcess } from "./spawn.ts";

conformance("Bun", {
  webSockets: "supported",
  start: () => startProcess("bun", ["run", "--no-install", pathOf("servers/bun.ts")]),
});
