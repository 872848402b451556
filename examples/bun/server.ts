import { policy, problem } from "mantlet";

/** What is needed of Bun's server; with `@types/bun` it is `Bun.Server`. */
interface Server {
  upgrade(request: Request): boolean;
}

// Bun needs no adapter: a policy around a handler is what Bun.serve calls, and the address is that of server.requestIP().
const api = policy({
  cors: { origins: ["https://app.example.com"] },
  rateLimit: { limit: 20, windowSeconds: 10 },
});
const notes = new Map<string, string>();

const server = Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  hostname: "127.0.0.1",
  routes: {
    "/notes/:id": api({ methods: ["GET", "PUT"] }, async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === "PUT") {
        if (notes.size >= 1000 && !notes.has(pathname)) return problem(409, "too_many_notes");
        notes.set(pathname, await request.text());
        return new Response(null, { status: 204 });
      }
      const text = notes.get(pathname);
      return text === undefined ? problem(404, "no_such_note") : Response.json({ text });
    }),
    // Origins that may not call the API may not open a WebSocket either.
    "/live": api((request, _context, own: Server) => {
      if (own.upgrade(request)) return new Response(null, { status: 101 }); // Bun has answered already
      return problem(426, "upgrade_required", { headers: { Upgrade: "websocket" } });
    }),
  },
  fetch: api(() => problem(404, "not_found")),
  websocket: { message: (socket, text) => void socket.send(text) },
});
console.log(server.url.href);
