import { data, exposed, type Fetch, limit, origins, securityFields, type Variant } from "./settings.ts";

/**
 * What one would write by hand for one API: no options, values computed ahead, fields set in place, nothing
 * asynchronous. It trusts its handler to set none of its fields.
 */
export function minimal(variant: Variant, fields = securityFields[variant]): Fetch {
  const names = Object.keys(fields);
  const values = Object.values(fields);
  const expose = exposed(variant).join(", ");
  const allowedOrigins = new Set(origins);
  const arrivals = new Map<string, number>();
  const windowMs = limit.windowSeconds * 1000;
  const intervalMs = windowMs / limit.requests;
  const policyField = `"${limit.name}";q=${limit.requests};w=${limit.windowSeconds}`;
  const limitField = String(limit.requests);

  return (request) => {
    const origin = request.headers.get("origin");
    const allowed = origin !== null && allowedOrigins.has(origin) ? origin : null;
    if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) return preflight(allowed);

    const nowMs = Date.now();
    const before = arrivals.get(request.ip);
    const arrival = (before !== undefined && before > nowMs ? before : nowMs) + intervalMs;
    const debtMs = arrival - nowMs;
    const admitted = debtMs <= windowMs;
    if (admitted) arrivals.set(request.ip, arrival);
    const response = admitted ? Response.json(data) : new Response(null, { status: 429 });

    const { headers } = response;
    headers.set("x-request-id", crypto.randomUUID());
    for (let index = 0; index < names.length; index++) headers.set(names[index] as string, values[index] as string);
    const remaining = admitted ? Math.floor((windowMs - debtMs) / intervalMs) : 0;
    headers.set("ratelimit-policy", policyField);
    headers.set("ratelimit", `"${limit.name}";r=${remaining};t=${Math.ceil(debtMs / 1000)}`);
    headers.set("x-ratelimit-limit", limitField);
    headers.set("x-ratelimit-remaining", String(remaining));
    headers.set("x-ratelimit-reset", String(Math.ceil(arrival / 1000)));
    if (allowed !== null) {
      headers.set("access-control-allow-origin", allowed);
      headers.set("access-control-allow-credentials", "true");
      headers.set("access-control-expose-headers", expose);
    }
    headers.set("vary", "Origin");
    return response;
  };
}

function preflight(allowed: string | null): Response {
  if (allowed === null) return new Response(null, { status: 403 });
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": allowed,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, POST",
      vary: "Origin",
    },
  });
}
