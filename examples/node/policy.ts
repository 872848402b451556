import { policy } from "mantlet";
import { storeFromEnvironment } from "./store.ts";

/** One policy for the whole API. */
export const api = policy({
  cors: { origins: ["https://app.example.com", "http://localhost:*"], credentials: true },
  content: { maxBodyBytes: 16_384 },
  rateLimit: { limit: 20, windowSeconds: 10 },
  store: await storeFromEnvironment(process.env),
  routes: { "/health": { rateLimit: "none" } },
  onEvent: ({ type, code, method, path }) => {
    if (type !== "refused" && type !== "limited") console.error(`event: ${type} ${code} ${method ?? ""} ${path ?? ""}`);
  },
});
