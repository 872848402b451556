import { type Options, show } from "../../lib/options.ts";

/** Reads one text, or a list of at least one: none after a mistake. Texts that are compared have no space around them. */
export function oneOrMore(options: Options, key: string, whatItSays: string): readonly string[] {
  const value = options.get(key);
  if (value === undefined) {
    if (!options.has(key)) options.refuse(key, `is missing: say ${whatItSays}`);
    return [];
  }
  return textsIn(typeof value === "string" ? [value] : value, options, key);
}

/** Reads a list of at least one text: none after a mistake. */
export function textsIn(value: unknown, options: Options, key: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    options.refuse(key, `${show(value)} must be a list of at least one text`);
    return [];
  }
  const wrong = value.filter((text) => typeof text !== "string" || text === "" || text.trim() !== text);
  for (const text of wrong) options.refuse(key, `${show(text)} must be a text, not empty and without space around it`);
  return wrong.length === 0 ? value : [];
}
