/** A value as text, by its contents: what two snapshots have in common does not depend on who holds the value. */
export function snapshot(value: unknown): string {
  return text(value, new Set());
}

function text(value: unknown, above: ReadonlySet<unknown>): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (above.has(value)) return "itself";
  const within = new Set([...above, value]);
  const list = (entries: Iterable<unknown>): string[] => Array.from(entries, (entry) => text(entry, within));
  if (Array.isArray(value)) return `[${list(value).join(", ")}]`;
  if (value instanceof Set || value instanceof Map) return `{${list(value).sort().join(", ")}}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  return `{${list(Object.entries(value)).sort().join(", ")}}`;
}

/** Changes all that can be changed in a value and its plain parts, as careless code may. */
export function scribbleOn(value: object, seen: Set<object> = new Set()): void {
  if (seen.has(value)) return;
  seen.add(value);
  if (value instanceof Set)
    attempt(
      () => value.clear(),
      () => value.add("scribbled"),
    );
  else if (value instanceof Map)
    attempt(
      () => value.clear(),
      () => value.set("scribbled", true),
    );
  else {
    for (const [key, member] of Object.entries(value)) {
      if (isPlain(member)) scribbleOn(member, seen);
      attempt(() => Reflect.set(value, key, "scribbled"));
    }
    attempt(() => Reflect.set(value, "scribbled", true));
  }
}

/** Objects of other classes may be shared on purpose. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isRecord = prototype === null || prototype === Object.prototype;
  return isRecord || Array.isArray(value) || value instanceof Set || value instanceof Map;
}

function attempt(...changes: readonly (() => unknown)[]): void {
  for (const change of changes) {
    try {
      change();
    } catch {
      // That it cannot be changed is what is hoped for.
    }
  }
}
