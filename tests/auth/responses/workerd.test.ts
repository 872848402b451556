import { pathOf } from "../../runtimes/spawn.ts";
import { startWorker } from "../../runtimes/start-worker.ts";
import { answers } from "./answers.ts";

answers("workerd", () => startWorker(pathOf("../auth/responses/servers/worker.ts")));
