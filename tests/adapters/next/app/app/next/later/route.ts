import { route } from "mantlet/next";
import { open } from "@/lib/answers.ts";

export const { POST, OPTIONS } = route("/next/later", open, (handle) => ({
  POST: handle((_request, { waitUntil }) => {
    waitUntil(new Promise<void>((resolve) => setTimeout(resolve, 500)).then(() => console.log("worked")));
    return new Response(null, { status: 202 });
  }),
}));
