import { isToken } from "../lib/tokens.ts";

/** A media type taken apart (MIME Sniffing §4.4). */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly essence: string;
  /** Names in lower case; of two with one name the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Parses a media type by the MIME Sniffing standard, "parse a MIME type"; `undefined` when it is none. A list, as it
 * comes from two lines of one field, is none.
 */
export function parseMediaType(input: string): MediaType | undefined {
  const text = trim(input);
  const semicolon = text.indexOf(";");
  const essence = (semicolon === -1 ? text : trimEnd(text.slice(0, semicolon))).toLowerCase();
  const slash = essence.indexOf("/");
  if (slash === -1 || !isToken(essence, 0, slash) || !isToken(essence, slash + 1)) return undefined;
  const parameters = new Map<string, string>();
  if (semicolon !== -1 && !readParameters(text, semicolon, parameters)) return undefined;
  return { essence, parameters };
}

/** Reads `;name=value` pairs from `start`; false where a comma outside quotes shows that this is a list. */
function readParameters(text: string, start: number, parameters: Map<string, string>): boolean {
  let position = start;
  while (position < text.length) {
    position++; // the semicolon
    while (isWhiteSpace(text.charCodeAt(position))) position++;
    const nameEnd = nextOf(text, position, ";", "=");
    const name = text.slice(position, nameEnd).toLowerCase();
    position = nameEnd;
    if (text[position] !== "=") {
      if (name.includes(",")) return false;
      continue;
    }
    const value = text[position + 1] === '"' ? quoted(text, position + 1) : bare(text, position + 1);
    if (value.hasComma || name.includes(",")) return false;
    position = value.end;
    const isUsable = isToken(name) && value.text !== undefined && /^[\t -~\x80-\xff]*$/.test(value.text);
    if (isUsable && !parameters.has(name)) parameters.set(name, value.text ?? "");
  }
  return true;
}

interface Value {
  /** `undefined` where there is none. */
  readonly text: string | undefined;
  /** The next semicolon, or the end. */
  readonly end: number;
  readonly hasComma: boolean;
}

function bare(text: string, start: number): Value {
  const end = nextOf(text, start, ";", ";");
  const value = trimEnd(text.slice(start, end));
  return { text: value === "" ? undefined : value, end, hasComma: value.includes(",") };
}

/** A quoted string, its backslashes resolved; what stands between it and the next semicolon is dropped. */
function quoted(text: string, start: number): Value {
  let value = "";
  let position = start + 1;
  while (position < text.length && text[position] !== '"') {
    if (text[position] === "\\" && position + 1 < text.length) position++;
    value += text[position++];
  }
  const end = nextOf(text, position, ";", ";");
  return { text: value, end, hasComma: text.slice(position, end).includes(",") };
}

function nextOf(text: string, start: number, first: string, second: string): number {
  let position = start;
  while (position < text.length && text[position] !== first && text[position] !== second) position++;
  return position;
}

/** HTTP white space: what fields may hold around their parts. */
function isWhiteSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

function trim(text: string): string {
  let start = 0;
  while (start < text.length && isWhiteSpace(text.charCodeAt(start))) start++;
  return trimEnd(text.slice(start));
}
