import { route } from "mantlet/next";
import { open } from "@/lib/answers.ts";

export const { GET, HEAD, OPTIONS } = route("/next/head", open, (handle) => ({
  GET: handle(() => Response.json({})),
  HEAD: handle((request) => new Response(null, { headers: { "X-Total-Count": "7", "X-Method": request.method } })),
}));
