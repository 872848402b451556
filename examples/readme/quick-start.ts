import { policy } from "mantlet";

const api = policy({
  cors: { origins: ["https://app.example.com"], credentials: true },
  rateLimit: { limit: 300, windowSeconds: 60 },
});

export default { fetch: api(() => Response.json({ hello: "world" })) };
