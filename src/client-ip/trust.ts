import { isIn, type Network, normaliseAddress } from "../lib/ip-address.ts";
import { chainIn, type Hop } from "./chain.ts";

/** Who is calling, as far as it is known. */
export interface Client {
  /** In one spelling. */
  readonly address: string | undefined;
  /** Whether the client speaks TLS, and which host it named: where a trusted proxy says so. */
  readonly isHttps?: boolean | undefined;
  readonly host?: string | undefined;
}

/** Finds the client behind the peer of the platform. */
export type ReadClient = (headers: Headers, peer: string | undefined) => Client;

/** Behind so many proxies, whoever the peer is: the entry that the outermost of them wrote. */
export function behindHops(hops: number, field: string): ReadClient {
  return (headers, peer) => {
    const chain = chainIn(headers, field);
    for (let passed = 1; passed < hops; passed++) chain.next();
    const hop = chain.next();
    return hop === undefined ? { address: peer } : clientOf(hop);
  };
}

/** Behind proxies at these addresses: from the peer on, each is believed as long as it is one of them. */
export function behindProxies(networks: readonly Network[], field: string): ReadClient {
  return (headers, peer) => {
    const chain = chainIn(headers, field);
    let address = peer;
    let last: Hop | undefined;
    while (address !== undefined && isIn(networks, address)) {
      const hop = chain.next();
      if (hop === undefined) break;
      last = hop;
      address = hop.address;
    }
    return last === undefined ? { address: peer } : clientOf(last);
  };
}

/** Behind a proxy that writes the address, and nothing else, into a field of its own. */
export function namedIn(field: string): ReadClient {
  return (headers, peer) => ({ address: normaliseAddress(headers.get(field) ?? "") ?? peer });
}

function clientOf(hop: Hop): Client {
  return {
    address: hop.address,
    get isHttps() {
      return speaksTls(hop.scheme);
    },
    get host() {
      return validHost(hop.host);
    },
  };
}

function speaksTls(scheme: string | undefined): boolean | undefined {
  switch (scheme?.toLowerCase()) {
    case "https":
    case "wss":
      return true;
    case "http":
    case "ws":
      return false;
    default:
      return undefined;
  }
}

/** A name or an address with an optional port (RFC 9110 §7.2). */
function validHost(host: string | undefined): string | undefined {
  return host !== undefined && /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(host) ? host : undefined;
}
