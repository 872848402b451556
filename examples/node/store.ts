import { memoryStore, type RateLimitStore } from "mantlet";
import { redisStore } from "mantlet/stores/redis";
import { upstashStore } from "mantlet/stores/upstash";

/** Where limits are counted: in this process, or where the environment says. */
export async function storeFromEnvironment(environment: NodeJS.ProcessEnv): Promise<RateLimitStore> {
  if (environment.UPSTASH_REDIS_REST_URL !== undefined) {
    const { Redis } = await import("@upstash/redis");
    return upstashStore(Redis.fromEnv());
  }
  if (environment.REDIS_URL !== undefined) {
    const { createClient } = await import("redis");
    const client = createClient({ url: environment.REDIS_URL, disableOfflineQueue: true });
    client.on("error", (error) => console.error(`redis: ${error.message}`));
    client.connect().catch(() => {}); // told above; until it is connected limits are counted in this process
    return redisStore(client);
  }
  return memoryStore();
}
