import { policy } from "../../../src/index.ts";

/** What this program uses of Deno's own. */
declare const Deno: {
  serve(
    options: { readonly port: number; readonly hostname: string },
    fetch: (request: Request) => Promise<Response>,
  ): { readonly shutdown: () => Promise<void> };
};

const api = policy({ content: { accepts: ["text/plain"], maxBodyBytes: 65_536 }, onEvent: () => {} });
const read = api(async (request) => Response.json((await request.text()).length));

/** Ends by itself once it is told to, when nothing of a request is left. */
const server = Deno.serve({ port: 0, hostname: "127.0.0.1" }, async (request) => {
  if (new URL(request.url).pathname !== "/end") return read(request);
  setTimeout(() => void server.shutdown());
  return new Response("ending");
});
