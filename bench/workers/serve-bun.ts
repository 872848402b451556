import { mantletPolicy } from "../contenders/mantlet.ts";
import { raw } from "../contenders/raw.ts";
import { rivalsWith } from "../contenders/served.ts";
import { type ServerFetch, serveStack } from "../harness/serve-stack.ts";

interface BunServer {
  readonly port: number;
  readonly requestIP: (request: Request) => { readonly address: string } | null;
}

interface BunOptions {
  readonly fetch: ServerFetch<BunServer>;
  readonly hostname: string;
  readonly port: number;
}

const { Bun } = globalThis as unknown as { readonly Bun: { readonly serve: (options: BunOptions) => BunServer } }; // only Bun runs this
const addressOf = (server: BunServer, request: Request): string => server.requestIP(request)?.address ?? "";

await serveStack<BunServer>(
  {
    ...rivalsWith(addressOf),
    mantlet: (variant) => mantletPolicy(variant)(raw()),
  },
  (fetch) => Bun.serve({ fetch, hostname: "127.0.0.1", port: 0 }).port,
);
