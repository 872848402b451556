import { problem } from "mantlet";
import { route } from "mantlet/next";
import { notFound } from "next/navigation";
import { NewNote, notes } from "@/lib/notes.ts";
import { api } from "@/lib/policy.ts";

export const { GET, PUT, DELETE, OPTIONS } = route("/api/notes/[id]", api, (handle) => ({
  GET: handle({ scopes: ["notes:read"] }, (_request, { params, auth }) => {
    const note = notes.get(params.id) ?? notFound();
    return Response.json({ ...note, readBy: auth.subject });
  }),
  PUT: handle({ scopes: ["notes:write"], body: NewNote }, (request, { params, body }) => {
    notes.set(params.id, body);
    return Response.json(body, { headers: { location: request.nextUrl.pathname } });
  }),
  DELETE: handle({ scopes: ["notes:write"] }, (_request, { params }) =>
    notes.delete(params.id) ? new Response(null, { status: 204 }) : problem(404, "no_such_note"),
  ),
}));
