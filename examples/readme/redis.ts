import { policy } from "mantlet";
import { redisStore } from "mantlet/stores/redis";
import { createClient } from "redis";

export const client = createClient({
  url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379",
  disableOfflineQueue: true,
});

export const api = policy({
  rateLimit: { limit: 300, windowSeconds: 60, localShare: 0.25 }, // four processes share a limit while Redis is down
  store: redisStore(client),
  keySecret: process.env.KEY_SECRET ?? "only for trying it out",
});
