import { type Options, show } from "../lib/options.ts";
import type { LimitCheck } from "./store.ts";

/**
 * The key of a bucket: `prefix:{3:abc}:limit.id`, with the identity and its length in braces.
 *
 * - No two buckets have the same key: the length says where the identity ends, whatever it is made of.
 * - In Redis Cluster all keys of one identity share a slot: what is hashed (from the first `{` to the first `}` after it)
 *   is never empty, and is made of the identity alone. Braces in an identity shorten what is hashed, for all of its keys
 *   alike. The prefix must therefore have no braces.
 * - Unpaired surrogates, which UTF-8 cannot carry, are written as `%ud800` (`%` as `%u0025`), after a length that begins with `~`.
 */
export function keyOf(prefix: string, { identity, limit }: Pick<LimitCheck, "identity" | "limit">): string {
  return `${prefix}:{${lengthPrefixed(identity)}}:${limit.id}`;
}

function lengthPrefixed(text: string): string {
  if (!/[\uD800-\uDFFF]/u.test(text)) return `${text.length}:${text}`;
  const escaped = text.replace(/[%\uD800-\uDFFF]/g, (unit) => `%u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `~${escaped.length}:${escaped}`;
}

/** What all keys of a store begin with. */
export function readPrefix(read: Options): string {
  const prefix = read.get("prefix") ?? "mantlet";
  if (typeof prefix === "string" && /^[^{}]{1,64}$/.test(prefix)) return prefix;
  read.refuse("prefix", `${show(prefix)} must be 1 to 64 characters without braces`);
  return "";
}

/** The name of a store, for errors. */
export function readName(read: Options): string {
  const name = read.get("name");
  if (typeof name === "string" && name !== "") return name;
  read.refuse("name", `${show(name)} must be a name`);
  return "";
}
