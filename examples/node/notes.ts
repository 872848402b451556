import { problem, type Refusal } from "mantlet";

interface Note {
  readonly id: string;
  readonly text: string;
}

const notes = new Map<string, Note>();

/** The API itself: a plain Fetch handler, which knows nothing of its policy. */
export async function handle(request: Request): Promise<Response | Refusal> {
  const { pathname } = new URL(request.url);
  if (pathname === "/health") return Response.json({ status: "ok" });
  if (pathname === "/notes") return collection(request);
  if (pathname.startsWith("/notes/")) return single(request, pathname.slice("/notes/".length));
  if (pathname === "/crash") throw new Error("the password of the database is hunter2");
  return problem(404, "no_such_route");
}

async function collection(request: Request): Promise<Response | Refusal> {
  if (request.method === "GET") return Response.json([...notes.values()]);
  if (request.method !== "POST") return notAllowed("GET, POST");
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("text" in body) || typeof body.text !== "string") {
    return problem(422, "invalid_note", { detail: 'A note is {"text": "..."}.' });
  }
  const note = { id: crypto.randomUUID(), text: body.text };
  notes.set(note.id, note);
  return Response.json(note, { status: 201, headers: { location: `/notes/${note.id}` } });
}

function single(request: Request, id: string): Response | Refusal {
  const note = notes.get(id);
  if (note === undefined) return problem(404, "no_such_note");
  if (request.method === "GET") return Response.json(note);
  if (request.method !== "DELETE") return notAllowed("GET, DELETE");
  notes.delete(id);
  return new Response(null, { status: 204 });
}

function notAllowed(allow: string): Refusal {
  return problem(405, "method_not_allowed", { headers: { Allow: allow } });
}
