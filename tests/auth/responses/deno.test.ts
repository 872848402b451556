import { pathOf } from "../../runtimes/spawn.ts";
import { startDeno } from "../../runtimes/start-deno.ts";
import { answers } from "./answers.ts";

answers("Deno", () => startDeno(pathOf("../auth/responses/servers/deno.ts")));
