// app/api/notes/[id]/route.ts
import { policy } from "mantlet";
import { route } from "mantlet/next";
import { z } from "zod";

const api = policy({
  clientIp: { header: "x-real-ip" }, // what Vercel overwrites; { trustedHops: 1 } behind one proxy of your own
  rateLimit: { limit: 300, windowSeconds: 60 },
});
const Note = z.object({ text: z.string() });

export const { GET, PUT, OPTIONS } = route("/api/notes/[id]", api, (handle) => ({
  GET: handle((_request, { params }) => Response.json({ id: params.id })),
  PUT: handle({ body: Note }, (_request, { params, body }) => Response.json({ id: params.id, ...body })),
}));
