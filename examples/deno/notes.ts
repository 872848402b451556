import { policy, problem } from "mantlet";
import { type DenoFetch, denoHandler, denoKvStore } from "mantlet/deno";

/** A notes API over a Deno KV database, which also counts its limits. */
export function notes(kv: Deno.Kv): DenoFetch {
  const api = policy({
    cors: { origins: ["https://app.example.com"] },
    rateLimit: { limit: 20, windowSeconds: 10 },
    store: denoKvStore(kv),
  });
  return denoHandler(api, async (request) => {
    const { pathname } = new URL(request.url);
    if (!/^\/notes\/\w{1,40}$/.test(pathname)) return problem(404, "not_found");
    if (request.method === "PUT") {
      await kv.set([pathname], await request.text());
      return new Response(null, { status: 204 });
    }
    const { value } = await kv.get<string>([pathname]);
    return value === null ? problem(404, "no_such_note") : Response.json({ text: value });
  });
}
