import { denoHandler, type ServeInfo } from "../../adapters/deno.ts";
import { mantletPolicy } from "../contenders/mantlet.ts";
import { raw } from "../contenders/raw.ts";
import { rivalsWith } from "../contenders/served.ts";
import { type ServerFetch, serveStack } from "../harness/serve-stack.ts";

interface DenoOptions {
  readonly hostname: string;
  readonly port: number;
  readonly onListen: () => void;
}
type DenoServe = (options: DenoOptions, fetch: ServerFetch<ServeInfo>) => { readonly addr: { readonly port: number } };

const { Deno } = globalThis as unknown as { readonly Deno: { readonly serve: DenoServe } }; // only Deno runs this
const addressOf = ({ remoteAddr }: ServeInfo): string => remoteAddr.hostname ?? "";

await serveStack<ServeInfo>(
  {
    ...rivalsWith(addressOf),
    mantlet: (variant) => denoHandler(mantletPolicy(variant), raw()),
  },
  // It would greet on the standard output, where the port goes.
  (fetch) => Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, fetch).addr.port,
);
