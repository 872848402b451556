import { pathOf, startProcess } from "../../runtimes/spawn.ts";
import { answers } from "./answers.ts";

answers("Node", () => startProcess("node", [pathOf("../auth/responses/servers/srvx.ts")]));
