import { z } from "zod";
import { mantletPolicy } from "./mantlet.ts";
import { raw } from "./raw.ts";
import { data, type Variant } from "./settings.ts";

/** What stacks that read bodies are sent: 193 bytes of JSON. */
export const body: string = JSON.stringify({
  title: "A note that somebody wrote",
  text: "It says what is to be done, when, and by whom. ".repeat(2).trim(),
  tags: ["work", "urgent"],
  done: false,
  weight: 12.5,
});

const Note = z.object({
  title: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  done: z.boolean(),
  weight: z.number(),
});

/** A bare handler that reads and checks what it is sent. */
export function rawReading(): (request: Request) => Promise<Response> {
  return async (request) => {
    Note.parse(await request.json());
    return Response.json(data);
  };
}

/** The same behind the whole stack, which reads and checks. */
export function mantletReading(variant: Variant) {
  return mantletPolicy(variant)({ body: Note }, raw());
}
