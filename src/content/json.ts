import { type Refusal, refuse } from "../problem.ts";

const maxDepth = 64;
const malformed = /* @__PURE__ */ refuse(400, "malformed_json", "The body is not valid JSON in UTF-8.");
const unsafe = /* @__PURE__ */ refuse(
  400,
  "unsafe_json",
  "The body has a key, a depth or a value that is not accepted.",
);
const duplicate = /* @__PURE__ */ refuse(400, "duplicate_key", "An object in the body has a key twice.");

/** Either a value or why there is none: a JSON value may be anything, also `undefined`'s neighbours. */
export type ParsedJson = { readonly value: unknown; readonly refusal?: undefined } | { readonly refusal: Refusal };

/** Reads JSON text in UTF-8 (RFC 8259); a byte order mark is passed over. */
export function parseJson(bytes: Uint8Array, refusesDuplicates: boolean): ParsedJson {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return { refusal: malformed };
  }
  // Any name may be written with escapes, so their presence makes every name suspect.
  const hasEscapes = text.includes("\\u");
  const checksKeys = hasEscapes || text.includes("__proto__") || text.includes("constructor");
  if (!isSafe(value, { checksKeys, checksStrings: hasEscapes }, 1)) return { refusal: unsafe };
  if (refusesDuplicates && hasDuplicateKey(text)) return { refusal: duplicate };
  return { value };
}

interface Suspicions {
  readonly checksKeys: boolean;
  readonly checksStrings: boolean;
}

/**
 * Whether nothing in a value surprises the code behind: no way to a prototype, no depth that overflows a stack, no
 * number that became infinite, no half of a surrogate pair.
 */
function isSafe(value: unknown, suspicions: Suspicions, depth: number): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return !suspicions.checksStrings || value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(value)) {
    for (const entry of value) if (!isSafe(entry, suspicions, depth + 1)) return false;
    return true;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (suspicions.checksKeys && isWayToPrototype(key, member)) return false;
    if (suspicions.checksStrings && !key.isWellFormed()) return false;
    if (!isSafe(member, suspicions, depth + 1)) return false;
  }
  return true;
}

function isWayToPrototype(key: string, member: unknown): boolean {
  if (key === "__proto__") return true;
  return key === "constructor" && typeof member === "object" && member !== null && Object.hasOwn(member, "prototype");
}

/** Whether valid JSON text has an object with one key twice, however it is spelled. */
function hasDuplicateKey(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, position);
      const keys = open.at(-1);
      if (keys !== undefined && isKey(text, end)) {
        const key: string = JSON.parse(text.slice(position, end));
        if (keys.has(key)) return true;
        keys.add(key);
      }
      position = end - 1;
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (text[position] !== '"') position += text[position] === "\\" ? 2 : 1;
  return position + 1;
}

/** Whether the string that ends here is followed by a colon. */
function isKey(text: string, end: number): boolean {
  let position = end;
  while (" \t\n\r".includes(text[position] ?? "x")) position++;
  return text[position] === ":";
}
