import { route } from "mantlet/next";
import { api } from "@/lib/policy.ts";

/** Without OPTIONS: the only method is one that Next.js prerenders. */
export const { GET } = route("/me", api, (handle) => ({
  GET: handle((_request, { auth }) => Response.json({ subject: auth.subject })),
}));
