// Run by `deno test` against the package, with no permission but the network.
import { policy } from "mantlet";
import { denoHandler, denoKvStore } from "mantlet/deno";

/** The part of Deno that is used here: its types are no dependency. */
declare const Deno: {
  readonly test: (name: string, run: () => Promise<void>) => void;
  openKv(path: string): Promise<Parameters<typeof denoKvStore>[0] & { close(): void }>;
  serve(
    options: { port: number; hostname: string; onListen(): void },
    handler: ReturnType<typeof denoHandler>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
};

Deno.test("a policy counts in Deno KV by the address of the peer", async () => {
  const kv = await Deno.openKv(":memory:");
  const api = policy({ store: denoKvStore(kv), rateLimit: { limit: 2, windowSeconds: 60 } });
  const fetchNote = denoHandler(api, (_request, { clientIp }) => Response.json(clientIp));
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => undefined }, fetchNote);
  const answers: unknown[] = [];
  for (let count = 0; count < 3; count++) {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
    answers.push(response.status, response.ok ? await response.json() : (await response.json()).code);
  }
  await server.shutdown();
  kv.close();
  if (answers.join() !== "200,127.0.0.1,200,127.0.0.1,429,rate_limited") throw new Error(answers.join());
});
