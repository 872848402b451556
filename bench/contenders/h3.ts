import { H3, handleCors } from "h3";
import { data, exposed, type Fetch, limit, origins, securityFields, type Variant } from "./settings.ts";

/** h3 with its CORS helper; it has no middleware for the rest, so that is written as one would write it there. */
export function h3(variant: Variant): Fetch {
  const fields = Object.entries(securityFields[variant]);
  const windowMs = limit.windowSeconds * 1000;
  const clients = new Map<string, { count: number; resetMs: number }>();
  const app = new H3();
  app.use((event) => {
    const { headers } = event.res;
    headers.set("x-request-id", crypto.randomUUID());
    for (const [name, value] of fields) headers.set(name, value);
  });
  app.use((event) => {
    const answer = handleCors(event, {
      origin: [...origins],
      credentials: true,
      methods: ["GET", "POST"],
      exposeHeaders: [...exposed(variant)],
    });
    return answer === false ? undefined : answer;
  });
  app.use((event) => {
    const nowMs = Date.now();
    const key = event.req.ip ?? "";
    let client = clients.get(key);
    if (client === undefined || client.resetMs <= nowMs) {
      client = { count: 0, resetMs: nowMs + windowMs };
      clients.set(key, client);
    }
    client.count++;
    const { headers } = event.res;
    const remaining = Math.max(0, limit.requests - client.count);
    headers.set("ratelimit-policy", `"${limit.name}";q=${limit.requests};w=${limit.windowSeconds}`);
    headers.set("ratelimit", `"${limit.name}";r=${remaining};t=${Math.ceil((client.resetMs - nowMs) / 1000)}`);
    headers.set("x-ratelimit-limit", String(limit.requests));
    headers.set("x-ratelimit-remaining", String(remaining));
    headers.set("x-ratelimit-reset", String(Math.ceil(client.resetMs / 1000)));
    if (client.count <= limit.requests) return undefined;
    event.res.status = 429;
    return "";
  });
  app.get("/**", () => data);
  return (request) => app.fetch(request);
}
