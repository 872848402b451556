/** A token in compact serialization (RFC 7515 §3.1), taken apart. */
export interface CompactToken {
  readonly header: string;
  readonly payload: string;
}

const segments = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/**
 * Takes a token apart; `undefined` when it is not three segments in the one spelling that base64url has for their bytes:
 * no padding, and no bits that stand for nothing (RFC 4648 §3.5). The same bytes have then no other spelling; an ECDSA
 * signature still has a second value, which anybody can work out.
 */
export function parseCompact(token: string): CompactToken | undefined {
  const [, header = "", payload = "", signature = ""] = segments.exec(token) ?? [];
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature) ? { header, payload } : undefined;
}

function isCanonical(segment: string): boolean {
  const last = segment.charAt(segment.length - 1);
  switch (segment.length % 4) {
    case 0:
      return segment !== "";
    case 2:
      return "AQgw".includes(last);
    case 3:
      return "AEIMQUYcgkosw048".includes(last);
    default:
      return false;
  }
}

const utf8: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a canonical segment; `undefined` when its bytes are no UTF-8. A byte order mark is part of the text. */
export function textOf(segment: string): string | undefined {
  const binary = binaryOf(segment);
  if (!/[\x80-\xff]/.test(binary)) return binary;
  try {
    return utf8.decode(bytesIn(binary));
  } catch {
    return undefined;
  }
}

/** The bytes of a canonical segment. */
export function bytesOf(segment: string): Uint8Array<ArrayBuffer> {
  return bytesIn(binaryOf(segment));
}

function binaryOf(segment: string): string {
  return atob(segment.replaceAll("-", "+").replaceAll("_", "/"));
}

function bytesIn(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
