import { policy } from "mantlet";

const base = policy({
  cors: { origins: ["https://app.example.com"] },
  rateLimit: { limit: 300, windowSeconds: 60 },
});
const uploads = base.with({ rateLimit: { name: "uploads", limit: 10, windowSeconds: 60 } });

export const list = base(() => Response.json([]));
export const upload = uploads({ methods: ["POST"] }, () => new Response(null, { status: 201 }));
