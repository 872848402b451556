import { z } from "zod";

/** What clients may write. */
export const NewNote = z.object({ text: z.string().min(1).max(1000) });
export type Note = z.infer<typeof NewNote>;

/** A database, for as long as the process lives. */
export const notes = new Map<string, Note>([["1", { text: "the first note" }]]);
