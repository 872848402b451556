import type { Finisher } from "./exit.ts";
import type { ResponseFields } from "./response-fields.ts";

/**
 * Adds field names to `Vary` (RFC 9110 §12.5.5): names already there stay once, `*` stays alone.
 *
 * @param names - As they are written, for example `Origin`.
 */
export function finishVary(names: readonly string[]): Finisher {
  const text = names.join(", ");
  return (fields) => mergeVary(fields, names, text);
}

function mergeVary(fields: ResponseFields, names: readonly string[], text: string): void {
  const present = fields.has("vary") ? fields.get("vary") : null; // it costs less to know that there is none
  if (present === null || present === "") {
    fields.amend("vary", text);
    return;
  }
  const members = present
    .toLowerCase()
    .split(",")
    .map((member) => member.trim());
  if (members.includes("*")) return;
  const missing = names.filter((name) => !members.includes(name.toLowerCase()));
  if (missing.length > 0) fields.amend("vary", `${present}, ${missing.join(", ")}`);
}
