import { route } from "mantlet/next";
import { open } from "@/lib/answers.ts";

export const dynamic = "force-static";

export const { GET, OPTIONS } = route("/next/force-static", open, (handle) => ({
  GET: handle(() => Response.json({ secret: true })),
}));
