import { policy } from "mantlet";
import { sessions } from "./sessions.ts";

/** One policy for every route file. */
export const api = policy({
  cors: { origins: ["https://app.example.com"], credentials: true },
  auth: sessions,
  // Next.js knows no address of a client: behind one proxy that adds to X-Forwarded-For, it is the last entry.
  clientIp: { trustedHops: 1 },
  rateLimit: [
    { name: "address", limit: 300, windowSeconds: 60 },
    { name: "user", limit: 60, windowSeconds: 60, by: "identity" },
  ],
  content: { maxBodyBytes: 16_384 },
});
