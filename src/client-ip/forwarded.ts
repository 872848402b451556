import { isToken } from "../lib/tokens.ts";

/** The parameters of one element of `Forwarded` (RFC 7239 §4), by lower-case name. */
export type ForwardedElement = ReadonlyMap<string, string>;

/**
 * One element of `Forwarded` (RFC 7239 §4); `undefined` when it is malformed, also by a parameter that is there twice.
 * Two things that many proxies write are read too: white space around `;`, and `:`, `[` and `]` without quotes.
 */
export function parseForwardedElement(text: string): ForwardedElement | undefined {
  const element = new Map<string, string>();
  let at = 0;
  for (;;) {
    at = skipSpace(text, at);
    if (at < text.length && text[at] !== ";") {
      const equals = text.indexOf("=", at);
      const name = equals === -1 ? "" : text.slice(at, equals).toLowerCase();
      if (!isToken(name) || element.has(name)) return undefined;
      const end = text[equals + 1] === '"' ? endOfQuoted(text, equals + 1) : endOfBare(text, equals + 1);
      const value = text.slice(equals + 1, end);
      if (value === "") return undefined;
      element.set(name, value.startsWith('"') ? unquote(value) : value);
      at = skipSpace(text, end);
    }
    if (at >= text.length) return element;
    if (text[at] !== ";") return undefined;
    at++;
  }
}

/**
 * Where the last element before `end` starts. Read from the right, an element that a proxy has appended is whole
 * whatever stands to its left: read from the left, a quote that a client never closes would swallow it.
 */
export function startOfLast(text: string, end: number): number {
  let at = end;
  while (at > 0 && text[at - 1] !== ",") {
    at--;
    if (text[at] === '"') at = startOfQuoted(text, at);
  }
  return at;
}

/**
 * Where a quoted string starts whose closing quote is at `close`; 0 when nothing opens it. A backslash stands before
 * every quote within, and none before the opening one, which follows a `=`.
 */
function startOfQuoted(text: string, close: number): number {
  let at = close;
  do {
    if (at === 0) return 0;
    at = text.lastIndexOf('"', at - 1);
  } while (text[at - 1] === "\\");
  return Math.max(at, 0);
}

/** The index behind a quoted string (RFC 9110 §5.6.4); that of its start when it is not closed. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return start;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, "$1");
}

function endOfBare(text: string, start: number): number {
  let at = start;
  while (at < text.length && (isToken(text, at, at + 1) || ":[]".includes(text.charAt(at)))) at++;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** The address of a node (RFC 7239 §6) without its port, which may be an obfuscated one. It may still be a name. */
export function addressOfNode(node: string): string {
  return node.replace(/^([\d.]+|\[[^\]]*\]):_[\w.-]+$/, "$1");
}
