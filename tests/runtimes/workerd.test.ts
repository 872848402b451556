import { conformance } from "./conformance.ts";
import { pathOf } from "./spawn.ts";
import { startWorker } from "./start-worker.ts";

conformance("workerd", {
  webSockets: "supported",
  connections: "closed",
  ownFields: { colo: "ZRH" },
  start: () => startWorker(pathOf("servers/worker.ts")),
});
