import { route } from "mantlet/next";
import { open } from "@/lib/answers.ts";

export const { GET, DELETE, OPTIONS } = route("/next/optional/[[...rest]]", open, (handle) => ({
  GET: handle((_request, { params }) => Response.json(params.rest ?? "none")),
  DELETE: handle(() => new Response(null, { status: 204 })),
}));
