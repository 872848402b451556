const maxDepth = 64;

/**
 * A value, or what keeps a text from being one: it is no JSON, it surprises the code behind, or an object in it has one
 * key twice. A JSON value may be anything, also `undefined`'s neighbours.
 */
export type StrictJson =
  | { readonly value: unknown; readonly fault?: undefined }
  | { readonly fault: "malformed" | "unsafe" | "duplicate" };

/** Reads JSON text (RFC 8259) more strictly than `JSON.parse`. */
export function parseStrictJson(text: string, refusesDuplicates: boolean): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "malformed" };
  }
  // Any name may be written with escapes, so their presence makes every name suspect.
  const hasEscapes = text.includes("\\u");
  const checksKeys = hasEscapes || text.includes("__proto__") || text.includes("constructor");
  const members = countMembers(value, { checksKeys, checksStrings: hasEscapes }, 1);
  if (members === unsafe) return { fault: "unsafe" };
  if (refusesDuplicates && members < countKeys(text)) return { fault: "duplicate" };
  return { value };
}

interface Suspicions {
  readonly checksKeys: boolean;
  readonly checksStrings: boolean;
}

const unsafe = -1;

/**
 * How many members the objects in a value have together; `unsafe` where something in it surprises the code behind: a way
 * to a prototype, a depth that overflows a stack, a number that became infinite, half of a surrogate pair.
 */
function countMembers(value: unknown, suspicions: Suspicions, depth: number): number {
  if (typeof value === "number") return Number.isFinite(value) ? 0 : unsafe;
  if (typeof value === "string") return suspicions.checksStrings && !value.isWellFormed() ? unsafe : 0;
  if (typeof value !== "object" || value === null) return 0;
  if (depth > maxDepth) return unsafe;
  let members = 0;
  if (Array.isArray(value)) {
    for (const entry of value) {
      const inner = countMembers(entry, suspicions, depth + 1);
      if (inner === unsafe) return unsafe;
      members += inner;
    }
    return members;
  }
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue; // of a prototype that somebody has added to
    const member = (value as Record<string, unknown>)[key];
    if (suspicions.checksKeys && isWayToPrototype(key, member)) return unsafe;
    if (suspicions.checksStrings && !key.isWellFormed()) return unsafe;
    const inner = countMembers(member, suspicions, depth + 1);
    if (inner === unsafe) return unsafe;
    members += 1 + inner;
  }
  return members;
}

function isWayToPrototype(key: string, member: unknown): boolean {
  if (key === "__proto__") return true;
  return key === "constructor" && typeof member === "object" && member !== null && Object.hasOwn(member, "prototype");
}

/** How many keys valid JSON text has: more than its value where one key is in an object twice, however it is spelled. */
function countKeys(text: string): number {
  let keys = 0;
  let start = text.indexOf('"');
  while (start !== -1) {
    const end = endOfString(text, start);
    if (isKey(text, end)) keys++;
    start = text.indexOf('"', end);
  }
  return keys;
}

const backslash = 92;
const colon = 58;

/** The quotation mark that ends a string has an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (text.charCodeAt(end - 1) === backslash) {
    let first = end - 1;
    while (text.charCodeAt(first - 1) === backslash) first--;
    if ((end - first) % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end + 1;
}

/** Whether the string that ends here is followed by a colon, perhaps behind white space. */
function isKey(text: string, end: number): boolean {
  let position = end;
  while (text.charCodeAt(position) <= 32) position++;
  return text.charCodeAt(position) === colon;
}
