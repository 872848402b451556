/** Character classes of RFC 9110 §5.6.2, looked up by character code. */
const TOKEN_CHARACTERS: Uint8Array = /* @__PURE__ */ tokenTable();

function tokenTable(): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
    table[character.charCodeAt(0)] = 1;
  }
  return table;
}

/** Whether `text` from `start` up to `end` is a token (RFC 9110 §5.6.2): a method or a field name. */
export function isToken(text: string, start = 0, end: number = text.length): boolean {
  for (let index = start; index < end; index++) {
    if (TOKEN_CHARACTERS[text.charCodeAt(index)] !== 1) return false;
  }
  return end > start;
}

/** Whether `value` is a field value (RFC 9110 §5.5): Latin-1 without control characters, no white space around it. */
export function isFieldValue(value: unknown): value is string {
  return typeof value === "string" && /^[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?$/.test(value);
}
