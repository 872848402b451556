import { policy } from "mantlet";
import { denoHandler } from "mantlet/deno";

const api = policy({ rateLimit: { limit: 300, windowSeconds: 60 } });

export default { fetch: denoHandler(api, (_request, { clientIp }) => Response.json({ clientIp })) };
