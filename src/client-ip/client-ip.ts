import { type Network, parseNetwork } from "../lib/ip-address.ts";
import { type Issues, Options, show } from "../lib/options.ts";
import { isToken } from "../lib/tokens.ts";
import { behindHops, behindProxies, namedIn, type ReadClient } from "./trust.ts";

/** What every way to find the client's address may be combined with. */
interface AddressOptions {
  /** How much of an IPv6 address tells clients apart: 32 to 128 bits. Default: 64, the network that one client has. */
  readonly ipv6PrefixBits?: number;
  /**
   * What limits by address, `authFailures` among them, do with a request whose address is unknown: `"skip"` lets it pass
   * with a warning a minute, `"shared"` counts all such requests as one client, which any of them can lock out, and
   * `"refuse"` is 403 `client_address_unknown`. Under `"skip"`, those who have none on a platform that has told an address
   * before have hung up: they count as one client. Default: `"skip"`.
   */
  readonly onUnknownAddress?: "skip" | "shared" | "refuse";
}

/** Behind a known number of proxies. */
export interface TrustedHops extends AddressOptions {
  /**
   * How many proxies add to the chain before a request arrives here: 1 to 10. The client is the entry so far from its
   * right end; with a shorter chain it is the peer. Nobody must be able to reach this server past these proxies.
   */
  readonly trustedHops: number;
  readonly trustedProxies?: never;
  /** The field that has the chain. `"forwarded"` is read as RFC 7239 says. Default: `"x-forwarded-for"`. */
  readonly header?: string;
}

/** Behind proxies with known addresses. */
export interface TrustedProxies extends AddressOptions {
  /**
   * The addresses and networks of the proxies, such as `"10.0.0.0/8"`. From the peer on, the chain is believed leftwards
   * as long as it names one of them: the first other address is the client.
   */
  readonly trustedProxies: readonly string[];
  readonly trustedHops?: never;
  /** The field that has the chain. `"forwarded"` is read as RFC 7239 says. Default: `"x-forwarded-for"`. */
  readonly header?: string;
}

/** Behind a proxy that overwrites one field with the client's address. */
export interface TrustedHeader extends AddressOptions {
  /** That field, for example `"x-real-ip"`. Where it has no address, or several, the client is the peer. */
  readonly header: string;
  readonly trustedHops?: never;
  readonly trustedProxies?: never;
}

/** The direct peer of the platform. */
export interface DirectPeer extends AddressOptions {
  readonly header?: never;
  readonly trustedHops?: never;
  readonly trustedProxies?: never;
}

/**
 * Where the client's address comes from. Default: the direct peer of the platform, never a field of the request.
 * A trusted hop also says which scheme the client speaks and which host it named: `proto` and `host` of the same
 * element of `Forwarded`, or `X-Forwarded-Proto` and `X-Forwarded-Host`, at the same place or alone.
 */
export type ClientIpOptions = TrustedHops | TrustedProxies | TrustedHeader | DirectPeer;

/** What requests need of it. */
export interface ClientIpPlan {
  /** `undefined` where the peer is the client. */
  readonly read: ReadClient | undefined;
  /** Whether nothing is known of the client where the platform does not know the peer. */
  readonly needsPeer: boolean;
  readonly ipv6PrefixBits: number;
  readonly onUnknownAddress: "skip" | "shared" | "refuse";
  /** Whether the platform has told somebody's address. It changes with the first request that has one. */
  knowsPeers?: boolean;
}

/** The direct peer, by its /64. */
export const defaultClientIp: ClientIpPlan = {
  read: undefined,
  needsPeer: true,
  ipv6PrefixBits: 64,
  onUnknownAddress: "skip",
};

export function compileClientIp(value: unknown, path: string, issues: Issues): ClientIpPlan {
  if (value === undefined) return { ...defaultClientIp };
  const options = new Options(value, path, issues);
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) {
    issues.push({ path, message: "says nothing: write trustedHops, trustedProxies or header, or leave clientIp out" });
  }
  const read = readSource(options);
  const plan: ClientIpPlan = {
    read,
    needsPeer: read === undefined || options.has("trustedProxies"),
    ipv6PrefixBits: options.integer("ipv6PrefixBits", 32, 128, "bits") ?? defaultClientIp.ipv6PrefixBits,
    onUnknownAddress:
      options.oneOf("onUnknownAddress", ["skip", "shared", "refuse"]) ?? defaultClientIp.onUnknownAddress,
  };
  options.done();
  return plan;
}

function readSource(options: Options): ReadClient | undefined {
  const hops = options.integer("trustedHops", 1, 10, "proxies");
  const networks = readNetworks(options);
  const field = readField(options);
  if (options.has("trustedHops") && options.has("trustedProxies")) {
    options.refuse("trustedHops", "contradicts trustedProxies: keep trustedProxies where their addresses are known");
  } else if (hops !== undefined) {
    return behindHops(hops, field ?? "x-forwarded-for");
  } else if (networks !== undefined) {
    return behindProxies(networks, field ?? "x-forwarded-for");
  } else if (field !== undefined) {
    return namedIn(field);
  }
  return undefined;
}

function readField(options: Options): string | undefined {
  const field = options.get("header");
  if (field === undefined) return undefined;
  if (typeof field !== "string" || !isToken(field)) {
    options.refuse("header", `${show(field)} is not the name of a field, such as "x-real-ip"`);
    return undefined;
  }
  const name = field.toLowerCase();
  const isAlone = !options.has("trustedHops") && !options.has("trustedProxies");
  if (isAlone && (name === "forwarded" || name === "x-forwarded-for")) {
    options.refuse(
      "header",
      `${show(field)} is a chain to which clients can add: write trustedHops or trustedProxies too, trustedHops: 1 for one proxy`,
    );
  }
  return name;
}

function readNetworks(options: Options): readonly Network[] | undefined {
  const texts = options.strings("trustedProxies");
  if (texts?.length === 0) {
    options.refuse("trustedProxies", "is empty: list the proxies, or leave the key out where the peer is the client");
  }
  return texts?.flatMap((text, index) => {
    const refuse = (message: string): void => options.refuse(`trustedProxies[${index}]`, message);
    const network = parseNetwork(text);
    if (typeof network === "string") refuse(network);
    else if (network.bits === 0)
      refuse(`${show(text)} trusts everybody, so clients choose their address: list the proxies`);
    else return [network];
    return [];
  });
}
