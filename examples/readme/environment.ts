import { policy } from "mantlet";
import { originList } from "mantlet/zod";
import { z } from "zod";

const Environment = z.object({
  CORS_ORIGINS: originList(),
  REQUESTS_PER_MINUTE: z.coerce.number().int().positive().default(300),
});

export function createApi(environment: Record<string, string | undefined>) {
  const { CORS_ORIGINS, REQUESTS_PER_MINUTE } = Environment.parse(environment);
  return policy({
    cors: { origins: CORS_ORIGINS, credentials: true },
    rateLimit: { limit: REQUESTS_PER_MINUTE, windowSeconds: 60 },
  });
}
