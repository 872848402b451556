import { route } from "mantlet/next";
import { answer, open } from "@/lib/answers.ts";

export const { GET, POST, OPTIONS } = route("/next/answer/[what]", open, (handle) => ({
  GET: handle((_request, { params }) => answer(params.what)),
  POST: handle((_request, { params }) => answer(params.what)),
}));
