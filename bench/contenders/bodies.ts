import { z } from "zod";
import { policy } from "../../src/index.ts";
import { raw } from "./raw.ts";
import { data, type Fetch, origins } from "./settings.ts";

const note = {
  title: "A note that somebody wrote",
  text: "It says what is to be done, when, and by whom. ".repeat(2).trim(),
  tags: ["work", "urgent"],
  done: false,
  weight: 12.5,
};

/** What those who read bodies are sent: 193 bytes of JSON. */
export const body: string = JSON.stringify(note);
/** What those who check it must not take. */
export const wrongBody: string = JSON.stringify({ ...note, title: 7 });

const Note = z.object({
  title: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  done: z.boolean(),
  weight: z.number(),
});

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
/** It writes next to nothing, so that what a body costs stands out. */
const slim = policy({ headers: false, requestId: false, cors: { origins, credentials: true } });
const exact = slim.with({ content: { duplicateKeys: "refuse" } });

/** Bare handlers and handlers behind a policy: some leave the body alone, the others read and check it. */
export const bodyContenders = {
  raw: raw(),
  "request.json()": async (request) => {
    Note.parse(await request.json());
    return Response.json(data);
  },
  // What `request.json()` is not asked: whether the bytes are UTF-8 at all.
  "strict decoding": async (request) => {
    Note.parse(JSON.parse(strictUtf8.decode(await request.arrayBuffer())));
    return Response.json(data);
  },
  mantlet: slim(raw()),
  "mantlet, body": slim({ body: Note }, raw()),
  "mantlet, body, no key twice": exact({ body: Note }, raw()),
} as const satisfies Record<string, Fetch>;
