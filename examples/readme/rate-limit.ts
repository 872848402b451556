import { memoryStore, policy } from "mantlet";

export const api = policy({
  rateLimit: [
    { name: "burst", limit: 10, windowSeconds: 1 },
    { name: "sustained", limit: 300, windowSeconds: 60 },
  ],
  store: memoryStore({ maxKeys: 50_000 }),
  routes: {
    "/login": { rateLimit: { limit: 5, windowSeconds: 900, algorithm: "sliding-log", onUnavailable: "closed" } },
    "/search": { rateLimit: { limit: 100, windowSeconds: 60, cost: ({ method }) => (method === "POST" ? 5 : 1) } },
    "/health": { rateLimit: "none" },
  },
});
