import { policy } from "mantlet";
import { z } from "zod";

const api = policy();
const NewNote = z.object({ text: z.string().max(1000), tags: z.array(z.string()).default([]) });
const Page = z.object({ limit: z.coerce.number().int().max(100).default(20) });

export const create = api({ body: NewNote }, (_request, { body }) => Response.json(body, { status: 201 }));
export const list = api({ query: Page }, (_request, { query }) => Response.json({ limit: query.limit }));
