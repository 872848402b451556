// Run by Deno: listens on the Unix socket that the first argument names, and tells the address of its clients.
import { denoHandler, type ServeInfo } from "../../../adapters/deno.ts";
import { policy } from "../../../src/index.ts";

/** The part of Deno that is used here: its types are no dependency. */
declare const Deno: {
  readonly args: readonly string[];
  serve(
    options: { path: string; onListen(): void },
    handler: (request: Request, info: ServeInfo) => Promise<Response>,
  ): void;
};

const api = policy({ onEvent: () => undefined });
const fetch = denoHandler(api, (_request, { clientIp }) => Response.json({ clientIp: clientIp ?? null }));
Deno.serve({ path: Deno.args[0] ?? "", onListen: () => console.log("http://unix/") }, fetch);
