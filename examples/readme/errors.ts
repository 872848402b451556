import { policy, problem } from "mantlet";

const notes = new Map<string, { text: string }>();

const api = policy({
  onError: (error) =>
    error instanceof RangeError ? Response.json({ error: "out of range" }, { status: 400 }) : undefined,
});

export const getNote = api((request) => {
  const note = notes.get(new URL(request.url).pathname);
  return note === undefined ? problem(404, "no_such_note", { detail: "There is no such note." }) : Response.json(note);
});
