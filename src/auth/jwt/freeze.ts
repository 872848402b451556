/** A list of members, and nothing that has a life of its own. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same members without a prototype; what is no plain object stays as it is. */
export function withoutPrototype(value: unknown): unknown {
  return isPlain(value) && Object.getPrototypeOf(value) !== null ? Object.assign(Object.create(null), value) : value;
}

/** Freezes plain objects and lists, and those in them: also in what a schema has frozen at its surface alone. */
export function freezeData(value: unknown, seen: Set<unknown> = new Set()): void {
  if (!(Array.isArray(value) || isPlain(value)) || seen.has(value)) return;
  seen.add(value);
  Object.freeze(value);
  for (const member of Object.values(value)) if (typeof member === "object") freezeData(member, seen);
}
