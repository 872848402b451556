import { problem } from "mantlet";
import { z } from "zod";
import { api } from "./policy.ts";

interface Note {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly tags: readonly string[];
}

const notes = new Map<string, Note>();

const NewNote = z.object({ text: z.string().min(1).max(1000), tags: z.array(z.string()).default([]) });
const NoteId = z.object({ id: z.uuid() });
const Page = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), tag: z.string().optional() });

/** Each handler behind the policy, with what it asks of the request. What it gets is typed by its schemas. */
export const handlers = {
  health: api.prepare({}, () => Response.json({ status: "ok" })),
  list: api.prepare({ scopes: ["notes:read"], query: Page }, (_request, { query: { limit, tag } }) =>
    Response.json([...notes.values()].filter(({ tags }) => tag === undefined || tags.includes(tag)).slice(0, limit)),
  ),
  create: api.prepare({ scopes: ["notes:write"], body: NewNote }, (_request, { auth, body }) => {
    const note = { id: crypto.randomUUID(), author: auth.subject, ...body };
    notes.set(note.id, note);
    return Response.json(note, { status: 201, headers: { location: `/notes/${note.id}` } });
  }),
  read: api.prepare({ scopes: ["notes:read"], params: NoteId }, (_request, { params }) => {
    const note = notes.get(params.id);
    return note === undefined ? problem(404, "no_such_note") : Response.json(note);
  }),
  remove: api.prepare({ scopes: ["notes:write"], params: NoteId }, (_request, { params }) =>
    notes.delete(params.id) ? new Response(null, { status: 204 }) : problem(404, "no_such_note"),
  ),
  crash: api.prepare({}, () => {
    throw new Error("the password of the database is hunter2");
  }),
};
