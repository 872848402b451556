import { isFieldValue } from "../lib/tokens.ts";

/** A challenge of `WWW-Authenticate` (RFC 9110 §11.6.1), taken apart where further parameters go in. */
export interface Challenge {
  /** The scheme and its first parameter: `Bearer realm="api"`. */
  readonly head: string;
  /** The other parameters, and other challenges, with the comma before them. */
  readonly tail: string;
  /** Whether clients look for `scope` in it before they ask for a token (RFC 6750 §3). */
  readonly namesScopes: boolean;
}

const token = "[!#$%&'*+.^_`|~\\w-]+";
const parameter = `${token}=(?:"(?:[^"\\\\]|\\\\.)*"|${token})`;
const pattern: RegExp = /* @__PURE__ */ new RegExp(
  `^(${token})((?: +${parameter})?)((?: *, *(?:${parameter}|${token}(?: +${parameter})?))*)$`,
);

/** Reads a challenge, behind which others may stand; `undefined` when it is none that can be sent. */
export function parseChallenge(text: unknown): Challenge | undefined {
  const match = isFieldValue(text) ? pattern.exec(text) : null;
  if (match === null) return undefined;
  const [, scheme = "", first = "", tail = ""] = match;
  return { head: scheme + first, tail, namesScopes: /^(?:bearer|dpop)$/i.test(scheme) };
}

/** The challenge of a request without credentials: no error, for nothing was wrong (RFC 6750 §3.1). */
export function bare({ head, tail, namesScopes }: Challenge, scopes: readonly string[]): string {
  return namesScopes && scopes.length > 0 ? insert(head, `scope="${scopes.join(" ")}"`, tail) : head + tail;
}

/** The challenge of a caller whose credential is good and does not reach. */
export function insufficientScope({ head, tail }: Challenge, scopes: readonly string[]): string {
  return insert(head, `error="insufficient_scope", scope="${scopes.join(" ")}"`, tail);
}

/** The challenge of a bad credential. Both texts are constants of the code: nothing of a request may come here. */
export function withError({ head, tail }: Challenge, error: string, description?: string): string {
  const text = description === undefined ? "" : `, error_description="${description}"`;
  return insert(head, `error="${error}"${text}`, tail);
}

function insert(head: string, parameters: string, tail: string): string {
  return `${head}${head.includes(" ") ? "," : ""} ${parameters}${tail}`;
}

/** Whether a text can be one of a list of scopes (RFC 6749 §3.3). */
export function isScope(text: unknown): text is string {
  return typeof text === "string" && /^[!#-[\]-~]+$/.test(text);
}

/** A text as a quoted-string (RFC 9110 §5.6.4); `undefined` when it has characters that none can carry safely. */
export function quoted(text: unknown): string | undefined {
  return typeof text === "string" && /^[ -~]+$/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : undefined;
}
