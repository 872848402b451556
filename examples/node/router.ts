import { type Prepared, problem } from "mantlet";
import type { ServerRequest } from "srvx";
import { handlers } from "./notes.ts";
import { api } from "./policy.ts";

interface Route {
  readonly pattern: URLPattern;
  readonly methods: Readonly<Record<string, Prepared>>;
  /** Answers every other method: 405 with what is allowed. */
  readonly others: Prepared;
}

function route(pathname: string, methods: Route["methods"]): Route {
  const others = api.prepare({ methods: Object.keys(methods) }, () => problem(404, "no_such_route"));
  return { pattern: new URLPattern({ pathname }), methods, others };
}

const routes: readonly Route[] = [
  route("/health", { GET: handlers.health }),
  route("/notes", { GET: handlers.list, POST: handlers.create }),
  route("/notes/:id", { GET: handlers.read, DELETE: handlers.remove }),
  route("/crash", { GET: handlers.crash }),
];
const nowhere = api.prepare({}, () => problem(404, "no_such_route"));

/** Finds the handler of a request, and hands along what the server and the path say of it. */
export function fetch(request: ServerRequest): Promise<Response> {
  for (const { pattern, methods, others } of routes) {
    const match = pattern.exec(request.url);
    if (match === null) continue;
    const handler = methods[request.method] ?? others;
    return handler.run(request, { clientIp: request.ip, params: match.pathname.groups });
  }
  return nowhere.run(request, { clientIp: request.ip });
}
