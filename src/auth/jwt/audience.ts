import { type Issues, Options } from "../../lib/options.ts";
import type { JsonObject } from "./gate.ts";
import { oneOrMore, textsIn } from "./texts.ts";

/** Whether a token is for us. */
export type IsForUs = (claims: JsonObject) => boolean;

/** Reads `audience`. */
export function compileAudience(options: Options, issues: Issues): IsForUs {
  const value = options.get("audience");
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return compileClaim(new Options(value, options.path("audience"), issues));
  }
  const ours = new Set<unknown>(oneOrMore(options, "audience", "whom tokens must be for"));
  return ({ aud }) => (Array.isArray(aud) ? aud.every(isText) && aud.some((one) => ours.has(one)) : ours.has(aud));
}

function compileClaim(options: Options): IsForUs {
  const claim = options.oneOf("claim", ["client_id", "azp"]);
  const ours = new Set<unknown>(textsIn(options.get("values"), options, "values"));
  if (!options.has("claim")) options.refuse("claim", `is missing: write "client_id" or "azp"`);
  options.done();
  return (claims) => claim !== undefined && ours.has(claims[claim]);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
