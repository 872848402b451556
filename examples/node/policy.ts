import { anyOf, policy } from "mantlet";
import { machines, users } from "./credentials.ts";
import { storeFromEnvironment } from "./store.ts";

/** One policy for the whole API. */
export const api = policy({
  cors: { origins: ["https://app.example.com", "http://localhost:*"], credentials: true },
  content: { maxBodyBytes: 16_384, produces: ["application/json"] },
  auth: anyOf(users, machines),
  rateLimit: [
    { name: "address", limit: 60, windowSeconds: 10 },
    { name: "caller", limit: 20, windowSeconds: 10, by: "identity" },
  ],
  store: await storeFromEnvironment(process.env),
  routes: { "/health": { auth: "none", rateLimit: "none" } },
  onEvent: ({ type, code, method, path }) => {
    if (type !== "refused" && type !== "limited") console.error(`event: ${type} ${code} ${method ?? ""} ${path ?? ""}`);
  },
});
