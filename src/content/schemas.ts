import { andThen, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Refusal, refuse } from "../problem.ts";
import type { AnySchema, SchemaIssue, SchemaResult } from "./standard-schema.ts";

/** The parts of a request that a schema may describe. */
export type SchemaPart = "body" | "query" | "params";

/** Says of an issue what a client may read, in place of the schema's own message. */
export type DescribeIssue = (issue: SchemaIssue, part: SchemaPart) => string;

/** A value that a schema gave, or why there is none. */
export type Validated = { readonly value: unknown; readonly refusal?: undefined } | { readonly refusal: Refusal };

const maxErrors = 50;
/** Of a message, and of a name in a pointer, which may be as long as the body. */
const maxTextLength = 200;
const maxPointerLength = 2000;

/** Validates a part of a request. Of an issue only its place and its message leave, never the value. */
export function validate(
  schema: AnySchema,
  part: SchemaPart,
  value: unknown,
  describeIssue: DescribeIssue | undefined,
): MaybePromise<Validated> {
  const judge = (result: SchemaResult<unknown>): Validated =>
    result.issues === undefined ? { value: result.value } : { refusal: refusalOf(part, result.issues, describeIssue) };
  return andThen(schema["~standard"].validate(value), judge);
}

function refusalOf(
  part: SchemaPart,
  issues: readonly SchemaIssue[],
  describeIssue: DescribeIssue | undefined,
): Refusal {
  const errors = issues.slice(0, maxErrors).map((issue) => ({
    pointer: pointerOf(issue),
    detail: cut(describeIssue?.(issue, part) ?? issue.message),
  }));
  return refuse(part === "body" ? 422 : 400, `invalid_${part}`, details[part], undefined, {
    errors,
  });
}

const details: Readonly<Record<SchemaPart, string>> = {
  body: "The body is not as it should be.",
  query: "The query is not as it should be.",
  params: "The path's parameters are not as they should be.",
};

/** A JSON Pointer as a URI fragment (RFC 6901 §6); to the whole part where it would be too long. */
function pointerOf({ path = [] }: SchemaIssue): string {
  // An array of its own: mapping one of arktype's paths gives another of its paths.
  const segments = Array.from(path, (segment) => cut(typeof segment === "object" ? segment.key : segment));
  const pointer = segments.map(
    (segment) => `/${encodeURIComponent(segment.replaceAll("~", "~0").replaceAll("/", "~1"))}`,
  );
  const text = `#${pointer.join("")}`;
  return text.length > maxPointerLength ? "#" : text;
}

function cut(text: PropertyKey): string {
  return String(text).slice(0, maxTextLength).toWellFormed();
}
