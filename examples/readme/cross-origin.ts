import { policy } from "mantlet";

export const api = policy({
  cors: { origins: ["https://app.example.com"], credentials: true },
  crossOrigin: { strict: true },
  routes: { "/webhooks/stripe": { crossOrigin: "off" } }, // it proves its sender by a signature
});
