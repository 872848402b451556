import { conformance } from "./conformance.ts";
import { pathOf } from "./spawn.ts";
import { startDeno } from "./start-deno.ts";

conformance("Deno", {
  webSockets: "supported",
  connections: "kept",
  start: () => startDeno(pathOf("servers/deno.ts")),
});
