import { policy } from "mantlet";

export const api = policy({
  content: { accepts: ["application/json", "application/*+json"], maxBodyBytes: 65_536 },
  routes: { "/avatars": { content: { accepts: ["image/png", "image/webp"], maxBodyBytes: 5_242_880 } } },
});
