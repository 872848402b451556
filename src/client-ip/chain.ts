import { normaliseAddress } from "../lib/ip-address.ts";
import { addressOfNode, parseForwardedElement, startOfLast } from "./forwarded.ts";

/** What a proxy said of the request that it took. */
export interface Hop {
  /** Who sent it: `undefined` where that is no address, such as `unknown` or `_hidden`. */
  readonly address: string | undefined;
  /** The scheme as it was written, where the same element has one. */
  readonly scheme: string | undefined;
  readonly host: string | undefined;
}

/** Only the right end of a chain is ever looked at: that is where trusted proxies write. */
const maxLength = 2048;

/** The chain of proxies in a field of a request, from its right end. */
export interface Chain {
  /** One further to the left; `undefined` behind the left end. */
  readonly next: () => Hop | undefined;
}

/** The field that has the chain, by its lower-case name. `Forwarded` is read as RFC 7239 says, others as a plain list. */
export function chainIn(headers: Headers, name: string): Chain {
  return name === "forwarded" ? forwardedChain(headers) : listChain(headers, name);
}

function forwardedChain(headers: Headers): Chain {
  const next = fromTheRight(headers.get("forwarded"), startOfLast);
  return {
    next: () => {
      const text = next();
      if (text === undefined) return undefined;
      const element = parseForwardedElement(text);
      const node = element?.get("for");
      return {
        address: node === undefined ? undefined : normaliseAddress(addressOfNode(node)),
        scheme: element?.get("proto"),
        host: element?.get("host"),
      };
    },
  };
}

function listChain(headers: Headers, name: string): Chain {
  const next = fromTheRight(headers.get(name), startOfLastInList);
  let position = 0;
  return {
    next: () => {
      const text = next();
      if (text === undefined) return undefined;
      const fromRight = position++;
      return {
        address: normaliseAddress(text),
        get scheme() {
          return companion(headers, "x-forwarded-proto", fromRight);
        },
        get host() {
          return companion(headers, "x-forwarded-host", fromRight);
        },
      };
    },
  };
}

/** The member at the same position of a list beside the chain. One that stands alone is meant for every position. */
function companion(headers: Headers, name: string, fromRight: number): string | undefined {
  const text = headers.get(name);
  if (text !== null && !text.includes(",")) return text.length > maxLength ? undefined : text;
  const next = fromTheRight(text, startOfLastInList);
  for (let skipped = 0; skipped < fromRight; skipped++) next();
  return next();
}

function startOfLastInList(text: string, end: number): number {
  return end === 0 ? 0 : text.lastIndexOf(",", end - 1) + 1;
}

/**
 * The members of a list, the last one first. An empty member counts: were it skipped, the place of a hop that said
 * nothing would be taken by what stands to its left, which may come from the client.
 */
function fromTheRight(field: string | null, startOf: (text: string, end: number) => number): () => string | undefined {
  const isCut = field !== null && field.length > maxLength;
  const text = field === null ? "" : field.slice(-maxLength);
  let end = text === "" ? -1 : text.length;
  return () => {
    if (end < 0) return undefined;
    const start = startOf(text, end);
    const member = ` ${text.slice(start, end)}`.trim(); // text of its own: a slice would keep the whole field in memory
    end = start - 1;
    return isCut && start === 0 ? undefined : member;
  };
}
