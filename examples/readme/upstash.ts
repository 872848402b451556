import { Redis } from "@upstash/redis";
import { policy } from "mantlet";
import { upstashStore } from "mantlet/stores/upstash";

export const createApi = () =>
  policy({ rateLimit: { limit: 300, windowSeconds: 60 }, store: upstashStore(Redis.fromEnv()) });
