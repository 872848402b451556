import {
  type Anonymous,
  type FetchHandler,
  type Identity,
  type Platform,
  problem,
  type Refusal,
  type RequestContext,
} from "../../src/index.ts";
import { api, Overloaded } from "./api.ts";
import { contentHandlers } from "./content-handlers.ts";

/** One application, unchanged on every runtime: what differs is how a server calls it, and how it opens WebSockets. */
export interface App {
  /** For platforms that call a fetch handler with arguments of their own. */
  readonly fetch: FetchHandler;
  /** For platforms whose facts an adapter hands over. */
  readonly run: (request: Request, platform: Platform) => Promise<Response>;
}

type Context = RequestContext & { readonly auth: Identity | Anonymous };
type Answer = (request: Request, context: Context) => Response | Refusal | Promise<Response>;
/** Switches a request to WebSocket, and echoes what comes. */
export type Upgrade = (request: Request, ...native: readonly unknown[]) => Response;

const keptNoContent = new Response(null, { status: 204 });
let keptRedirect: Response | undefined; // Workers allow no Response.redirect() at module scope

const answers: Readonly<Record<string, Answer>> = {
  "/text": () => new Response("plain"),
  "/json": () => Response.json({ hello: "world" }, { headers: { "X-Total-Count": "1" } }),
  "/no-content": () => new Response(null, { status: 204 }),
  "/not-modified": () => new Response(null, { status: 304, headers: { ETag: '"1"' } }),
  "/refuses": () => problem(404, "no_such_note", { detail: "There is no such note." }),
  "/throws-error": () => {
    throw new Error("password=hunter2");
  },
  "/throws-response": () => {
    throw Response.json({ thrown: true }, { status: 409 });
  },
  "/overloaded": () => {
    throw new Overloaded("queue 7 is full");
  },
  "/redirect": () => Response.redirect("https://www.example.com/next", 302),
  "/cookies": () => {
    const headers = new Headers({ "Set-Cookie": "a=1; Path=/; HttpOnly" });
    headers.append("Set-Cookie", "b=2; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    return Response.json({}, { headers });
  },
  "/kept/no-content": () => keptNoContent,
  "/kept/redirect": () => {
    keptRedirect ??= Response.redirect("https://www.example.com/kept", 302);
    return keptRedirect;
  },
  "/limited": () => Response.json({ ok: true }),
  "/webhook": () => new Response(null, { status: 202 }),
  "/private/me": (_, { auth }) => Response.json({ subject: auth.subject }),
  "/who": (_, { clientIp, requestId }) => Response.json({ clientIp, requestId }),
  "/proxy": (request) => fetch(upstreamOf(request)),
  "/later": (request, { waitUntil }) => {
    const [first = "", second = ""] = upstreamOf(request).split(",");
    waitUntil(fetch(first).then(() => fetch(second)));
    return new Response(null, { status: 202 });
  },
  "/stream": (request) => new Response(twoChunks(upstreamOf(request)), { headers: { "Content-Type": "text/plain" } }),
  "/echo": async (request) => new Response(await request.text(), { headers: { "Content-Type": "text/plain" } }),
};

/** The server of the test that the application calls: loopback, on a port that only the test knows. */
function upstreamOf(request: Request): string {
  return new URL(request.url).searchParams.get("upstream") ?? "";
}

/** One chunk at once; the next when the upstream has answered. */
function twoChunks(upstream: string): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  let isFirst = true;
  return new ReadableStream({
    async pull(controller) {
      if (isFirst) {
        isFirst = false;
        controller.enqueue(text.encode("first"));
        return;
      }
      controller.enqueue(text.encode(await (await fetch(upstream)).text()));
      controller.close();
    },
  });
}

export function createApp(upgrade?: Upgrade): App {
  const dispatch = (request: Request, context: Context, ...native: readonly unknown[]): ReturnType<Answer> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/websocket" && upgrade !== undefined) return upgrade(request, ...native);
    return answers[pathname]?.(request, context) ?? problem(404, "not_found");
  };
  const handlerOf = (request: Request): FetchHandler | undefined =>
    contentHandlers.get(/^\/content\/[^/?]+/.exec(new URL(request.url).pathname)?.[0] ?? "");
  const fetch = api(dispatch);
  return {
    fetch: (request, ...native) => (handlerOf(request) ?? fetch)(request, ...native),
    run: (request, platform) => handlerOf(request)?.(request) ?? api.run(request, platform, dispatch),
  };
}
