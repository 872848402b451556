import type { ConfigIssue } from "../config-error.ts";

/** Where the compile functions put the mistakes that they find. */
export type Issues = ConfigIssue[];

/** A configured value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (value instanceof RegExp) return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = typeof value === "bigint" ? `${value}n` : Object.prototype.toString.call(value); // cyclic, say
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Whether a value is an object with options in it. A promise, a Map or Headers have none that could be seen. */
export function isOptions(value: unknown): value is object {
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** Options read one by one: whatever was not asked for by the end is an unknown key. */
export class Options {
  readonly #values: Record<string, unknown>;
  readonly #path: string;
  readonly #issues: Issues;
  readonly #known = new Set<string>();

  /** @param instead - The word that may stand in place of options. */
  constructor(value: unknown, path: string, issues: Issues, instead?: string) {
    this.#path = path;
    this.#issues = issues;
    this.#values = Object.create(null);
    if (!isOptions(value)) {
      const hint = typeof value === "boolean" ? ": leave the key out, or say what you want of it" : "";
      // Somebody may have written the secret itself here.
      const shown = typeof value === "string" ? "a text" : show(value);
      const message =
        instead === undefined
          ? `${shown} is not an object of options${hint}`
          : `${show(value)} must be ${show(instead)} or an object of options`;
      issues.push({ path: path || "policy", message });
      return;
    }
    // An own key is copied whatever its value; inherited ones are nobody's options.
    // Lists are copied: what becomes of the user's own later is not checked, and a hole in one would be passed over.
    for (const [key, own] of Object.entries(value)) this.#values[key] = Array.isArray(own) ? [...own] : own;
  }

  /** The path of an option, for messages. */
  path(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  /** Notes a mistake in an option. */
  refuse(key: string, message: string): void {
    this.#issues.push({ path: this.path(key), message });
  }

  /** The raw value of an option, `undefined` when absent. */
  get(key: string): unknown {
    this.#known.add(key);
    return this.#values[key];
  }

  /** Whether the option was written down. */
  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  #typed<T>(key: string, isValid: (value: unknown) => value is T, expected: string): T | undefined {
    const value = this.get(key);
    if (value === undefined || isValid(value)) return value;
    this.refuse(key, `${show(value)} must be ${expected}`);
    return undefined;
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, (value) => typeof value === "boolean", "true or false");
  }

  integer(key: string, min: number, max: number, unit = ""): number | undefined {
    return this.#typed(
      key,
      (value): value is number => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
      `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`,
    );
  }

  oneOf<const T extends string | boolean>(key: string, values: readonly T[]): T | undefined {
    return this.#typed(
      key,
      (value): value is T => values.includes(value as T),
      `one of ${values.map(show).join(", ")}`,
    );
  }

  /** The function is trusted to have the declared type: types check it, a run-time check cannot. */
  function<F>(key: string): F | undefined {
    return this.#typed(key, (value): value is F => typeof value === "function", "a function");
  }

  strings(key: string): readonly string[] | undefined {
    return this.#typed(
      key,
      (value): value is readonly string[] => Array.isArray(value) && value.every((entry) => typeof entry === "string"),
      "a list of strings",
    );
  }

  /** An object with names of the user's choosing: its entries, none after a mistake. */
  entries(key: string): readonly (readonly [name: string, value: unknown])[] {
    return Object.entries(this.#typed(key, isOptions, "an object") ?? {});
  }

  /** Call last: notes unknown keys, and keys that are present with the value `undefined`. */
  done(): void {
    const known = [...this.#known];
    let others = `, or write one of ${known.join(", ")}`; // once: they are many
    for (const key of Object.keys(this.#values)) {
      if (!this.#known.has(key)) {
        const meant = known.find((name) => name === elsewhere[key] || isNear(key, name));
        this.refuse(
          key,
          `unknown option: ${meant === undefined ? "" : `did you mean ${meant}? Else `}remove it${others}`,
        );
        others = "";
      } else if (this.#values[key] === undefined) {
        this.refuse(
          key,
          "is undefined: leave the key out where it is not meant, or set it (is a variable of the environment missing?)",
        );
      }
    }
  }
}

/** What other middleware calls an option that has another name here. */
const elsewhere: Readonly<Record<string, string>> = {
  bodyLimit: "content",
  csp: "contentSecurityPolicy",
  csrf: "crossOrigin",
  helmet: "headers",
  hsts: "strictTransportSecurity",
  jwksUri: "jwks",
  keyGenerator: "by",
  limit: "maxBodyBytes",
  max: "limit",
  maxSize: "maxBodyBytes",
  secureHeaders: "headers",
  skip: "cost",
  "trust proxy": "clientIp",
  trustProxy: "clientIp",
};

/** Whether a key becomes the beginning of a name when a few letters are put in, left out or replaced. */
function isNear(key: string, name: string): boolean {
  return beginsNearly(key.toLowerCase(), name.toLowerCase(), Math.min(2, key.length / 3));
}

function beginsNearly(key: string, name: string, letters: number): boolean {
  if (name.startsWith(key)) return true;
  if (letters < 1) return false;
  let same = 0;
  while (key[same] === name[same]) same++;
  const near = (inKey: number, inName: number): boolean =>
    beginsNearly(key.slice(same + inKey), name.slice(same + inName), letters - 1);
  return near(1, 0) || near(0, 1) || near(1, 1);
}
