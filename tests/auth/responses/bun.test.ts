import { pathOf, startProcess } from "../../runtimes/spawn.ts";
import { answers } from "./answers.ts";

answers("Bun", () => startProcess("bun", ["run", "--no-install", pathOf("../auth/responses/servers/bun.ts")]));
