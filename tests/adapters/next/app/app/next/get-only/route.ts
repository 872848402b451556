import { route } from "mantlet/next";
import { api } from "@/lib/policy.ts";

export const revalidate = 3600;

/** Without OPTIONS, and with a lifetime, Next.js would prerender it. */
export const { GET } = route("/next/get-only", api, (handle) => ({
  GET: handle((_request, { auth }) => Response.json({ subject: auth.subject })),
}));
