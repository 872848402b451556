import { policy } from "mantlet";
import { serve } from "srvx";

const api = policy({ rateLimit: { limit: 300, windowSeconds: 60 } });

export const server = serve({ port: Number(process.env.PORT ?? 3000), fetch: api(() => Response.json({ ok: true })) });
