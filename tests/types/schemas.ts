import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { type InferInput, type InferOutput, policy, type StandardSchema } from "../../src/index.ts";
import { type Equal, holds, ok, read, session } from "./support.ts";

const open = policy();

// what a schema gives is in the context: defaults filled in, transforms applied, values coerced
const zodNote = z.object({
  title: z.string().trim().min(1),
  tags: z.array(z.string()).default([]),
  due: z.iso.datetime().transform((text) => new Date(text)),
  color: z.enum(["red", "blue"]).optional(),
});
interface Note {
  title: string;
  tags: string[];
  due: Date;
  color?: "red" | "blue" | undefined;
}
open({ body: zodNote }, (_request, { body }) => {
  holds<Equal<typeof body, z.output<typeof zodNote>>>();
  const note: Note = body;
  // @ts-expect-error the schema says nothing of an owner
  read(body.owner);
  return Response.json(note);
});
const zodPage = z.object({ page: z.coerce.number().int().min(1).default(1), sort: z.string().default("name") });
open({ query: zodPage }, (_request, { query }) => {
  holds<Equal<typeof query, { page: number; sort: string }>>();
  return ok();
});
open({ params: z.object({ id: z.uuid() }) }, (_request, { params }) => {
  holds<Equal<typeof params, { id: string }>>();
  return ok();
});

const valibotNote = v.object({
  title: v.pipe(v.string(), v.trim(), v.minLength(1)),
  tags: v.optional(v.array(v.string()), []),
  due: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
  color: v.optional(v.picklist(["red", "blue"])),
});
open({ body: valibotNote }, (_request, { body }) => {
  holds<Equal<typeof body, v.InferOutput<typeof valibotNote>>>();
  const note: Note = body;
  return Response.json(note);
});
open({ query: v.object({ page: v.pipe(v.string(), v.toNumber()) }) }, (_request, { query }) => {
  holds<Equal<typeof query, { page: number }>>();
  return ok();
});
open({ params: v.object({ id: v.string() }) }, (_request, { params }) => {
  holds<Equal<typeof params, { id: string }>>();
  return ok();
});

const arktypeNote = type({
  title: "string.trim",
  tags: type("string[]").default(() => []),
  due: "string.date.iso.parse",
  "color?": "'red' | 'blue'",
});
open({ body: arktypeNote }, (_request, { body }) => {
  holds<Equal<typeof body, typeof arktypeNote.infer>>();
  const note: Note = body;
  return Response.json(note);
});
open({ query: type({ page: "string.integer.parse" }) }, (_request, { query }) => {
  holds<Equal<typeof query, { page: number }>>();
  return ok();
});
open({ params: type({ id: "string" }) }, (_request, { params }) => {
  holds<Equal<typeof params, { id: string }>>();
  return ok();
});

// three libraries beside each other, and bodies that are no object
open({ body: zodNote, query: v.object({ page: v.number() }), params: type({ id: "string" }) }, (_request, context) => {
  holds<Equal<typeof context.body, z.output<typeof zodNote>>>();
  holds<Equal<typeof context.query, { page: number }>>();
  holds<Equal<typeof context.params, { id: string }>>();
  return ok();
});
open({ body: z.array(z.number()) }, (_request, { body }) => {
  holds<Equal<typeof body, number[]>>();
  return ok();
});
open({ body: z.unknown() }, (_request, { body }) => {
  holds<Equal<typeof body, unknown>>();
  return ok();
});
open({ body: z.string().nullable() }, (_request, { body }) => {
  holds<Equal<typeof body, string | null>>();
  return ok();
});
const action = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("add"), item: z.string() }),
  z.object({ kind: z.literal("clear") }),
]);
open({ body: action }, (_request, { body }) => Response.json(body.kind === "add" ? body.item : null));

// asynchronous schemas, and one's own without a library
open({ body: z.string().transform(async (text) => text.length) }, (_request, { body }) => {
  holds<Equal<typeof body, number>>();
  return ok();
});
declare const own: StandardSchema<string, URL>;
open({ query: own }, (_request, { query }) => {
  holds<Equal<typeof query, URL>>();
  return ok();
});
holds<Equal<InferInput<typeof own>, string>>();
holds<Equal<InferOutput<typeof own>, URL>>();
holds<Equal<InferInput<typeof zodPage>, z.input<typeof zodPage>>>();
holds<Equal<InferOutput<typeof valibotNote>, v.InferOutput<typeof valibotNote>>>();
holds<Equal<InferOutput<typeof arktypeNote>, typeof arktypeNote.infer>>();

// the exact bytes, with a schema and without
open({ rawBody: true }, (_request, { rawBody }) => {
  holds<Equal<typeof rawBody, Uint8Array<ArrayBuffer>>>();
  const verify = (key: CryptoKey, signature: BufferSource) => crypto.subtle.verify("HMAC", key, signature, rawBody);
  read(verify);
  return ok();
});
open({ rawBody: true, body: zodNote }, (_request, { rawBody, body }) => Response.json([rawBody.length, body.title]));

// what is not asked for is not there
open({ methods: ["POST"] }, (_request, context) => {
  // @ts-expect-error no schema
  read(context.body);
  // @ts-expect-error no schema
  read(context.query);
  // @ts-expect-error no schema
  read(context.params);
  // @ts-expect-error not asked for
  read(context.rawBody);
  return ok();
});
open((_request, context) => {
  // @ts-expect-error no requirements at all
  read(context.body);
  return ok();
});
open({ body: zodNote }, (_request, context) => {
  // @ts-expect-error a schema of the body says nothing of the query
  read(context.query);
  // @ts-expect-error nor of the path
  read(context.params);
  // @ts-expect-error nor asks for the bytes
  read(context.rawBody);
  return ok();
});
open({ query: zodPage, params: z.object({ id: z.string() }) }, (_request, context) => {
  // @ts-expect-error no schema of the body
  read(context.body);
  return ok();
});

// mistakes
// @ts-expect-error a plain object is no schema
open({ body: { title: "string" } }, ok);
// @ts-expect-error nor is a function
open({ query: (value: unknown) => value }, ok);
// @ts-expect-error nor is a JSON Schema
open({ params: { type: "object", properties: {} } }, ok);
// @ts-expect-error the shape of a schema is not yet one
open({ body: { title: z.string() } }, ok);
// @ts-expect-error not a schema, beside one
open({ body: zodNote, query: "page" }, ok);
// @ts-expect-error a version of the interface that is not known
open({ body: { "~standard": { version: 2, vendor: "x", validate: () => ({ value: 1 }) } } }, ok);
// @ts-expect-error a schema may be absent, not undefined
open({ body: undefined }, ok);
// @ts-expect-error nor perhaps
open({ query: Math.random() > 1 ? zodPage : undefined }, ok);
// @ts-expect-error the bytes are asked for, or the key is left out
open({ rawBody: false }, ok);
// @ts-expect-error misspelt
open({ bodies: zodNote }, ok);
// @ts-expect-error misspelt beside a schema
open({ body: zodNote, querry: zodPage }, ok);
// @ts-expect-error unknown requirement beside a schema
open({ body: zodNote, scope: ["notes:write"] }, ok);
// @ts-expect-error unknown requirement beside a schema and an identity
policy({ auth: session })({ auth: "required", body: zodNote, method: ["POST"] }, ok);
// @ts-expect-error schemas belong to a handler, not to a policy
policy({ body: zodNote });
// @ts-expect-error nor to a route
policy({ routes: { "/notes": { body: zodNote } } });
