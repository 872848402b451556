import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that counts what it is asked, and answers with what `answer` gives at that time. */
export interface CountingServer {
  readonly url: string;
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

export async function serve(answer: () => unknown): Promise<CountingServer> {
  let count = 0;
  const server = createServer((_request, response) => {
    count++;
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/keys`,
    count: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
