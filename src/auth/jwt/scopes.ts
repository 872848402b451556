import { type Options, show } from "../../lib/options.ts";
import { isScope } from "../challenge.ts";
import type { JsonObject } from "./gate.ts";

/** Which scopes there are, and where a token says its own. */
export interface ScopesPlan {
  /** Those that are declared; `undefined` where any may be. */
  readonly known: readonly string[] | undefined;
  /** The scopes in a token's claims; `undefined` where what says them is malformed. */
  readonly ofToken: (claims: JsonObject) => readonly string[] | undefined;
  /** The scopes in what the schema gave, in place of the former; `undefined` where they are not taken from there. */
  readonly ofGiven: ((given: unknown) => readonly string[]) | undefined;
}

const sources = ["scope", "scp", "permissions", "roles"] as const;

/** Reads `scopes` and `scopesFrom`. */
export function compileScopes(options: Options): ScopesPlan {
  const known = options.strings("scopes")?.slice(); // the list is the user's
  if (known?.length === 0)
    options.refuse("scopes", "is empty, so that no handler may ask for any: name scopes, or leave it out");
  for (const scope of (known ?? []).filter((name) => !isScope(name)))
    options.refuse("scopes", `${show(scope)} is not a scope: they have no spaces, quotes and backslashes`);
  const source = options.get("scopesFrom");
  if (typeof source === "function") {
    const map = source as (given: unknown) => Iterable<unknown>; // its parameter is what the schema gives, as the types say
    return { known, ofToken: () => [], ofGiven: (given) => Array.from(demandList(map(given)), demandText) };
  }
  const claim = sources.find((name) => name === source) ?? "scope";
  if (source !== undefined && source !== claim)
    options.refuse("scopesFrom", `${show(source)} must be a function, or one of ${sources.map(show).join(", ")}`);
  return { known, ofToken: ({ [claim]: value = [] }) => namesIn(value), ofGiven: undefined };
}

/** A text can be gone through too, letter by letter. */
function demandList(names: Iterable<unknown>): Iterable<unknown> {
  if (typeof names === "string") throw new TypeError("jwt.scopesFrom: the function must give a list of texts");
  return names;
}

function demandText(name: unknown): string {
  if (typeof name !== "string") throw new TypeError("jwt.scopesFrom: the function must give texts");
  return name;
}

/** RFC 6749 §3.3 for a text; providers who send a list have names of their own in it. */
function namesIn(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.every((name) => typeof name === "string") ? value.slice() : undefined; // a schema may change the list
  if (typeof value !== "string") return undefined;
  const names = value.split(" ").filter((name) => name !== "");
  return names.every(isScope) ? names : undefined;
}
