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
  if (!isSafe(value, { checksKeys, checksStrings: hasEscapes }, 1)) return { fault: "unsafe" };
  if (refusesDuplicates && hasDuplicateKey(text)) return { fault: "duplicate" };
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
