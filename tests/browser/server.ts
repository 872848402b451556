import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { selfSignedCertificate } from "./certificate.ts";

/** What a host does with a request. */
export type Site = (request: Request, env: unknown) => Response | Promise<Response>;

export interface TestServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves these origins on one https port of loopback. */
export async function listen(sites: ReadonlyMap<string, Site>): Promise<TestServer> {
  const server = createAdaptorServer({
    fetch: (request: Request, env: unknown) => (sites.get(new URL(request.url).origin) ?? notFound)(request, env),
    createServer,
    serverOptions: selfSignedCertificate([...sites.keys()].map((origin) => new URL(origin).host)),
    overrideGlobalObjects: false,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port, // the address of a TCP server that listens
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

function notFound(): Response {
  return new Response(null, { status: 404 });
}
