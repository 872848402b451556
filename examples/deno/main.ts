import { notes } from "./notes.ts";

const port = Number(Deno.args[0] ?? 8000);
Deno.serve({ port, hostname: "127.0.0.1" }, notes(await Deno.openKv()));
