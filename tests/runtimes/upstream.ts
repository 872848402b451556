import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A URL that answers when it is told to. */
export interface Gate {
  readonly url: string;
  /** Settles when somebody asks for it. */
  readonly reached: Promise<void>;
  readonly open: () => void;
}

/** A server behind the application, on loopback. */
export interface Upstream {
  /** Answers `/plain` with fields that a policy writes too, `/bare` with none of them. */
  readonly url: string;
  readonly gate: () => Gate;
  readonly close: () => Promise<void>;
}

/** A promise and what settles it. */
function signal(): { readonly settled: Promise<void>; readonly settle: () => void } {
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}

export async function startUpstream(): Promise<Upstream> {
  const gates = new Map<string, { readonly reach: () => void; readonly opened: Promise<void> }>();
  const server = createServer(async (request, response) => {
    const gate = gates.get(request.url ?? "");
    if (gate !== undefined) {
      gate.reach();
      await gate.opened;
      response.end("second");
      return;
    }
    response.setHeader("Content-Type", "application/json");
    if (request.url === "/plain") {
      response.setHeader("Set-Cookie", ["upstream=1; Path=/", "upstream=2; Path=/"]);
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Expose-Headers", "*");
      response.setHeader("X-Request-ID", "id-of-the-upstream");
      response.setHeader("X-RateLimit-Limit", "7");
      response.setHeader("X-Powered-By", "upstream");
      response.setHeader("Referrer-Policy", "same-origin");
    }
    response.end('{"from":"upstream"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server has no other kind
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    gate: () => {
      const reached = signal();
      const opened = signal();
      const path = `/gates/${gates.size}`;
      gates.set(path, { reach: reached.settle, opened: opened.settled });
      return { url: `${url}${path}`, reached: reached.settled, open: opened.settle };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
