import { parseMediaType } from "./media-type.ts";

/**
 * Whether one of these media types may be sent under an `Accept` value (RFC 9110 §12.5.1). The most specific range that
 * names a type decides, and `q=0` excludes it. What cannot be read says nothing; a value without a readable range
 * accepts anything.
 *
 * @param offered - Essences in lower case.
 */
export function accepts(value: string, offered: readonly string[]): boolean {
  if (value === "*/*" || offered.includes(value)) return true; // what nearly all clients send
  const ranges = splitList(value).flatMap(readRange);
  return ranges.length === 0 || offered.some((essence) => isAccepted(essence, ranges));
}

interface Range {
  /** `application/json`, `application/*` or `*\/*`. */
  readonly essence: string;
  readonly isExcluded: boolean;
}

function readRange(text: string): Range[] {
  const range = parseMediaType(text);
  if (range === undefined || (range.essence.startsWith("*/") && range.essence !== "*/*")) return [];
  const isExcluded = /^0(?:\.0{0,3})?$/.test(range.parameters.get("q") ?? "1");
  // Who excludes another version of a type does not exclude the plain one.
  const isNarrower = [...range.parameters.keys()].some((name) => name !== "q" && name !== "charset");
  if (isExcluded && isNarrower) return [];
  // Anything but an exact zero is some willingness: we offer, we do not rank.
  return [{ essence: range.essence, isExcluded }];
}

function isAccepted(essence: string, ranges: readonly Range[]): boolean {
  for (const pattern of [essence, `${essence.slice(0, essence.indexOf("/"))}/*`, "*/*"]) {
    const matching = ranges.filter((range) => range.essence === pattern);
    if (matching.length > 0) return matching.some(({ isExcluded }) => !isExcluded);
  }
  return false;
}

/** Splits at commas outside quoted strings. */
function splitList(value: string): string[] {
  const members: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let position = 0; position < value.length; position++) {
    const character = value[position];
    if (isQuoted && character === "\\") position++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === "," && !isQuoted) {
      members.push(value.slice(start, position));
      start = position + 1;
    }
  }
  members.push(value.slice(start));
  return members;
}
