import { parseStrictJson } from "../lib/json.ts";
import { type Refusal, refuse } from "../problem.ts";

const malformed = /* @__PURE__ */ refuse(400, "malformed_json", "The body is not valid JSON in UTF-8.");
const missing = /* @__PURE__ */ refuse(400, "malformed_json", "A body of JSON is required.");
const unsafe = /* @__PURE__ */ refuse(
  400,
  "unsafe_json",
  "The body has a key, a depth or a value that is not accepted.",
);
const duplicate = /* @__PURE__ */ refuse(400, "duplicate_key", "An object in the body has a key twice.");
const refusals = { malformed, unsafe, duplicate };

const utf8: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true });

/** Either a value or why there is none: a JSON value may be anything, also `undefined`'s neighbours. */
export type ParsedJson = { readonly value: unknown; readonly refusal?: undefined } | { readonly refusal: Refusal };

/** Reads JSON text in UTF-8 (RFC 8259); a byte order mark is passed over. */
export function parseJson(bytes: Uint8Array, refusesDuplicates: boolean): ParsedJson {
  if (bytes.byteLength === 0) return { refusal: missing };
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { refusal: malformed };
  }
  const parsed = parseStrictJson(text, refusesDuplicates);
  return parsed.fault === undefined ? parsed : { refusal: refusals[parsed.fault] };
}
