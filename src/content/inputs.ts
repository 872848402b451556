import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Options, show } from "../lib/options.ts";
import { isRefusal, type Refusal } from "../problem.ts";
import { refuseType } from "./check-fields.ts";
import { type BodyStep, bodyStep, type CompiledContent, jsonFields } from "./content.ts";
import { parseJson } from "./json.ts";
import { type DescribeIssue, type SchemaPart, validate } from "./schemas.ts";
import type { AnySchema } from "./standard-schema.ts";
import { readBody } from "./take-body.ts";

/** What a handler asks of the request's content. */
export interface CompiledInputs {
  readonly body: AnySchema | undefined;
  readonly query: AnySchema | undefined;
  readonly params: AnySchema | undefined;
  readonly rawBody: boolean;
  /** Whether the handler gets the path's parameters also where no schema reads them. */
  readonly findsParams: boolean;
  readonly describeIssue: DescribeIssue | undefined;
}

/** Reads the keys of requirements that concern content. */
export function readInputs(options: Options, findsParams: boolean): CompiledInputs {
  return {
    body: readSchema(options, "body"),
    query: readSchema(options, "query"),
    params: readSchema(options, "params"),
    findsParams,
    rawBody: options.oneOf("rawBody", [true]) ?? false,
    describeIssue: options.function<DescribeIssue>("describeIssue"),
  };
}

function readSchema(options: Options, key: SchemaPart): AnySchema | undefined {
  const value = options.get(key);
  if (value === undefined) return undefined;
  if (typeof Object(Object(value)["~standard"]).validate !== "function") {
    options.refuse(key, `${show(value)} is not a Standard Schema, such as z.object({ ... })`);
  }
  return value as AnySchema; // just checked; a mistake throws before it is used
}

/** A body schema implies that the body is JSON, whatever the policy says of content, and it reads no coded body. */
export function contentFor(content: CompiledContent, { body }: CompiledInputs): CompiledContent {
  return body === undefined ? content : { ...content, fields: { ...(content.fields ?? jsonFields), encodings: [] } };
}

/** Step 10: the body counted and read; params, query and body as the schemas give them, in the context. */
export type InputsStep = (exchange: Exchange, context: object) => MaybePromise<Refusal | undefined>;

/**
 * The step for a handler that asks for something; one that does not has its body counted while it reads.
 *
 * @param count - Wraps a body that no schema reads.
 */
export function inputsStep(
  content: CompiledContent,
  inputs: CompiledInputs,
  count: BodyStep = bodyStep(content),
): InputsStep {
  const step = readingStep(content, inputs, count);
  if (!inputs.findsParams) return step;
  return (exchange, context) => {
    const go = (params: unknown): ReturnType<InputsStep> => step(exchange, Object.assign(context, { params }));
    const { params } = exchange;
    return isPromise(params) ? params.then(go) : go(params);
  };
}

function readingStep(content: CompiledContent, inputs: CompiledInputs, count: BodyStep): InputsStep {
  const { body, query, params, rawBody } = inputs;
  if (body === undefined && query === undefined && params === undefined && !rawBody) return count;
  const reads = body !== undefined || rawBody;
  return async (exchange, context) => {
    const read = reads ? await readInto(content, inputs, exchange, context) : await count(exchange);
    if (isRefusal(read)) return read;
    return (
      (await validateInto(context, "params", params, () => exchange.params, inputs)) ??
      (await validateInto(context, "query", query, () => queryOf(exchange.url), inputs)) ??
      (await validateInto(context, "body", body, () => read?.json, inputs))
    );
  };
}

/** Reads the whole body: its bytes into the context where they are asked for, its JSON for the schema. */
async function readInto(
  content: CompiledContent,
  { body, rawBody }: CompiledInputs,
  exchange: Exchange,
  context: object,
): Promise<{ readonly json: unknown } | Refusal> {
  const { fields, maxBodyBytes, refusesDuplicates } = content;
  const bytes = await readBody(exchange, maxBodyBytes, (unjudged) => fields && refuseType(fields, unjudged));
  if (isRefusal(bytes)) return bytes;
  if (rawBody) {
    Object.assign(context, { rawBody: bytes });
    if (exchange.body.presence !== "none") exchange.replaceBody(bytes);
  }
  if (body === undefined) return { json: undefined };
  const parsed = parseJson(bytes, refusesDuplicates);
  return parsed.refusal ?? { json: parsed.value };
}

async function validateInto(
  context: object,
  part: SchemaPart,
  schema: AnySchema | undefined,
  read: () => unknown,
  { describeIssue }: CompiledInputs,
): Promise<Refusal | undefined> {
  if (schema === undefined) return undefined;
  const validated = await validate(schema, part, await read(), describeIssue);
  if (validated.refusal !== undefined) return validated.refusal;
  Object.assign(context, { [part]: validated.value });
  return undefined;
}

/** The query as schemas take it: a string for a name that is there once, a list for one that is there more often. */
function queryOf(url: string): Record<string, string | readonly string[]> {
  const start = url.indexOf("?");
  const end = url.indexOf("#");
  const pairs = new URLSearchParams(start === -1 ? "" : url.slice(start, end === -1 ? undefined : end));
  const names = [...new Set(pairs.keys())];
  // fromEntries makes own properties, also of a name such as __proto__.
  return Object.fromEntries(
    names.map((name) => {
      const values = pairs.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values]; // a name has at least one value
    }),
  );
}
