import type { Exchange } from "../exchange.ts";
import { andThen, firstAnswer, type MaybePromise, type Step } from "../lib/maybe-promise.ts";
import { type Options, show } from "../lib/options.ts";
import type { Refusal } from "../problem.ts";
import { refuseType } from "./check-fields.ts";
import { type BodyStep, bodyStep, type CompiledContent, jsonFields } from "./content.ts";
import { parseJson } from "./json.ts";
import { type DescribeIssue, type SchemaPart, type Validated, validate } from "./schemas.ts";
import type { AnySchema } from "./standard-schema.ts";
import { readBody, type TakeBytes } from "./take-body.ts";

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

/**
 * A body schema implies that the body is JSON, whatever the policy says of content for handlers that read other types: a
 * page may send text without asking. It reads no coded body.
 */
export function contentFor(content: CompiledContent, { body }: CompiledInputs): CompiledContent {
  if (body === undefined) return content;
  const fields = content.fields ?? jsonFields;
  const accepts = fields.accepts.filter((type) => /[/+]json$/.test(type));
  return {
    ...content,
    fields: { ...fields, accepts: accepts.length > 0 ? accepts : jsonFields.accepts, encodings: [] },
  };
}

/** Step 10: the body counted and read; params, query and body as the schemas give them, in the context. */
export type InputsStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

/** What the steps of one reading hand along. */
interface Reading {
  readonly exchange: Exchange;
  /** What a body that is JSON holds. */
  readonly json: unknown;
}

type ReadStep = Step<Reading, Refusal>;

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
  const steps = partSteps(inputs);
  if (inputs.body !== undefined || inputs.rawBody) return readStep(content, inputs, steps);
  if (steps.length === 0) return count;
  return (exchange) =>
    andThen(count(exchange), (refusal) => refusal ?? firstAnswer(steps, { exchange, json: undefined }));
}

/** The steps behind the body's. */
function partSteps({ body, query, params, findsParams, describeIssue }: CompiledInputs): readonly ReadStep[] {
  const steps: ReadStep[] = findsParams ? [findParams] : [];
  const validatePart = (part: SchemaPart, schema: AnySchema | undefined, read: (reading: Reading) => unknown): void => {
    if (schema !== undefined) steps.push(validateStep(part, schema, read, describeIssue));
  };
  validatePart("params", params, ({ exchange }) => exchange.params);
  validatePart("query", query, ({ exchange }) => queryOf(exchange.url));
  validatePart("body", body, ({ json }) => json);
  return steps;
}

function findParams({ exchange: { params, context } }: Reading): MaybePromise<undefined> {
  return andThen<unknown, undefined>(params, (found) => void Object.assign(context, { params: found }));
}

/** Reads the whole body: its bytes into the context where they are asked for, its JSON for the schema. */
function readStep(
  { fields, maxBodyBytes, refusesDuplicates }: CompiledContent,
  { body, rawBody }: CompiledInputs,
  steps: readonly ReadStep[],
): InputsStep {
  const refuseUnjudged = (unjudged: Exchange): Refusal | undefined => fields && refuseType(fields, unjudged);
  const take: TakeBytes = (bytes, exchange) => {
    if (rawBody) {
      Object.assign(exchange.context, { rawBody: bytes });
      if (exchange.body.presence !== "none") exchange.replaceBody(bytes);
    }
    if (body === undefined) return firstAnswer(steps, { exchange, json: undefined });
    const parsed = parseJson(bytes, refusesDuplicates);
    return parsed.refusal ?? firstAnswer(steps, { exchange, json: parsed.value });
  };
  return (exchange) => readBody(exchange, maxBodyBytes, refuseUnjudged, take);
}

function validateStep(
  part: SchemaPart,
  schema: AnySchema,
  read: (reading: Reading) => unknown,
  describeIssue: DescribeIssue | undefined,
): ReadStep {
  return (reading) => {
    const take = (validated: Validated): Refusal | undefined => {
      if (validated.refusal === undefined) Object.assign(reading.exchange.context, { [part]: validated.value });
      return validated.refusal;
    };
    const validated = andThen(read(reading), (value) => validate(schema, part, value, describeIssue));
    return andThen(validated, take);
  };
}

/** The query as schemas take it: a string for a name that is there once, a list for one that is there more often. */
function queryOf(url: string): Record<string, string | readonly string[]> {
  const query = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(/^[^#?]*\?([^#]*)/.exec(url)?.[1])) {
    const earlier = query.get(name);
    if (Array.isArray(earlier)) earlier.push(value);
    else query.set(name, earlier === undefined ? value : [earlier, value]);
  }
  return Object.fromEntries(query); // own properties, also of a name such as __proto__
}
