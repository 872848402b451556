import { route } from "mantlet/next";
import { z } from "zod";
import { open } from "@/lib/answers.ts";

const Id = z.object({ id: z.coerce.number().int() });

export const { GET, OPTIONS } = route("/next/schema/[id]", open, (handle) => ({
  GET: handle({ params: Id }, (_request, { params }) => Response.json(params.id + 1)),
}));
