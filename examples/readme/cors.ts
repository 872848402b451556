import { policy } from "mantlet";

export const api = policy({
  cors: {
    origins: ["https://app.example.com", "https://*.preview.example.com", "http://localhost:*"],
    credentials: true,
    methods: ["GET", "POST"],
    allowHeaders: ["Authorization", "Content-Type"],
    exposeHeaders: ["X-Total-Count"],
    maxAgeSeconds: 7200,
  },
});
