import { policy } from "mantlet";
import { durableObjectStore, RateLimiter, worker } from "mantlet/cloudflare";
import { jwt } from "mantlet/jwt";

export { RateLimiter };

interface Env {
  readonly JWT_SECRET: string;
  readonly LIMITER: Parameters<typeof durableObjectStore>[0]; // or the types that wrangler generates
}

export default {
  fetch: worker(
    (env: Env) =>
      policy({
        auth: jwt({
          secret: env.JWT_SECRET,
          algorithms: ["HS256"],
          issuer: "https://id.example.com/",
          audience: "https://api.example.com",
        }),
        store: durableObjectStore(env.LIMITER),
        rateLimit: { limit: 100, windowSeconds: 60 },
      }),
    (_request, { auth }) => Response.json({ hello: auth.subject }),
  ),
};
