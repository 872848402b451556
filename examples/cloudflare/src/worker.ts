import { policy, problem } from "mantlet";
import { durableObjectStore, type RateLimiter, worker } from "mantlet/cloudflare";

// The class that counts: wrangler.jsonc binds it as LIMITER.
export { RateLimiter } from "mantlet/cloudflare";

interface Env {
  /** A secret of 32 bytes or more: `wrangler secret put KEY_SECRET`. */
  readonly KEY_SECRET: string;
  readonly LIMITER: DurableObjectNamespace<RateLimiter>;
  readonly NOTES: KVNamespace;
}

export default {
  fetch: worker(
    // Runs once for an isolate and its environment: secrets and bindings are plain values here.
    (env: Env) =>
      policy({
        cors: { origins: ["https://app.example.com"] },
        rateLimit: { limit: 20, windowSeconds: 10 },
        store: durableObjectStore(env.LIMITER),
        keySecret: env.KEY_SECRET,
      }),
    async (request, { env, waitUntil }) => {
      const { pathname } = new URL(request.url);
      if (!/^\/notes\/\w{1,40}$/.test(pathname)) return problem(404, "not_found");
      if (request.method === "PUT") {
        waitUntil(env.NOTES.put(pathname, await request.text()));
        return new Response(null, { status: 202 });
      }
      const text = await env.NOTES.get(pathname);
      return text === null ? problem(404, "no_such_note") : Response.json({ text, colo: request.cf?.colo });
    },
  ),
} satisfies ExportedHandler<Env>;
