import type { Exchange } from "../exchange.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, Options, show } from "../lib/options.ts";
import type { Refusal } from "../problem.ts";
import { type FieldsPlan, refuseFields, refuseType } from "./check-fields.ts";
import { parseMediaType } from "./media-type.ts";
import { defaultMaxBodyBytes, lengthStep } from "./size.ts";
import { countBody, countUndeclaredBody } from "./take-body.ts";

/** What bodies may come, and what responses are. Where it is left out, only the size of bodies is limited. */
export interface ContentOptions {
  /**
   * Media types of request bodies, such as `"image/png"`, or a pattern by suffix, `"application/*+json"`. Checked where
   * a body is, whatever the method. Default: `["application/json"]`.
   */
  readonly accepts?: readonly string[];
  /** Media types of responses, held against `Accept` (RFC 9110 §12.5.1). Default: `["application/json"]`. */
  readonly produces?: readonly string[];
  /**
   * The longest body in bytes, as it is sent: 0 to 1073741824 (1 GiB). Whatever the fields say, bytes are counted. A body
   * that comes in chunks or coded is cut off at the limit; one with a `Content-Length`, where servers end it (RFC 9112
   * §6.3), is read at once: what makes requests anew in front of a policy must not keep that field of another body.
   * Default: 1048576 (1 MiB).
   */
  readonly maxBodyBytes?: number;
  /** Content codings that your handler decodes itself, such as `"gzip"`; the size limit counts coded bytes. Default: none. */
  readonly acceptEncodings?: readonly string[];
  /** What becomes of an object with one key twice where a schema reads the body: `JSON.parse` keeps the last. Default: `"last"`. */
  readonly duplicateKeys?: "last" | "refuse";
}

/** A content configuration, checked. */
export interface CompiledContent {
  readonly maxBodyBytes: number;
  readonly fields: FieldsPlan | undefined;
  readonly refusesDuplicates: boolean;
}

/** Where nothing is configured: bodies have a size, and that is all that is said of them. */
export const defaultContent: CompiledContent = {
  maxBodyBytes: defaultMaxBodyBytes,
  fields: undefined,
  refusesDuplicates: false,
};

const json: readonly string[] = ["application/json"];

/** The fields that a handler with a body schema checks where no content is configured. */
export const jsonFields: FieldsPlan = { accepts: json, produces: undefined, encodings: [] };

export function compileContent(value: unknown, path: string, issues: Issues): CompiledContent {
  if (value === undefined) return defaultContent;
  const options = new Options(value, path, issues);
  const content = {
    maxBodyBytes: options.integer("maxBodyBytes", 0, 1_073_741_824, "bytes") ?? defaultMaxBodyBytes,
    fields: {
      accepts: readTypes(options, "accepts", true),
      produces: readTypes(options, "produces", false),
      encodings: readEncodings(options),
    },
    refusesDuplicates: options.oneOf("duplicateKeys", ["last", "refuse"]) === "refuse",
  };
  options.done();
  return content;
}

function readTypes(options: Options, key: string, allowsPatterns: boolean): readonly string[] {
  const types = options.strings(key) ?? json;
  if (types.length === 0) options.refuse(key, "is empty: list media types, or leave the key out");
  for (const type of types) {
    const isPattern = allowsPatterns && /^[a-z]+\/\*\+[a-z0-9.-]+$/.test(type);
    if (!isPattern && (type.includes("*") || parseMediaType(type)?.essence !== type)) {
      options.refuse(
        key,
        `${show(type)} is not a media type in lower case without parameters, such as "application/json"${allowsPatterns ? ' or "application/*+json"' : ""}`,
      );
    }
  }
  return types;
}

function readEncodings(options: Options): readonly string[] {
  const codings = options.strings("acceptEncodings") ?? [];
  for (const coding of codings) {
    if (!/^[a-z][a-z0-9-]*$/.test(coding))
      options.refuse("acceptEncodings", `${show(coding)} is not a content coding such as "gzip"`);
  }
  return codings.filter((coding) => coding !== "identity");
}

/** Step 5: what the fields say. */
export type FieldsStep = (exchange: Exchange) => Refusal | undefined;
/** Step 10, where no schema reads the body. */
export type BodyStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

export function fieldsStep({ maxBodyBytes, fields }: CompiledContent): FieldsStep {
  const refuseLength = lengthStep(maxBodyBytes);
  return fields === undefined ? refuseLength : (exchange) => refuseLength(exchange) ?? refuseFields(fields, exchange);
}

export function bodyStep({ maxBodyBytes, fields }: CompiledContent): BodyStep {
  return (exchange) => {
    if (fields !== undefined && exchange.body.presence === "undeclared") {
      return countUndeclaredBody(exchange, maxBodyBytes, (unjudged) => refuseType(fields, unjudged));
    }
    return countBody(exchange, maxBodyBytes);
  };
}
