/** An address as its 16-bit groups: two of an IPv4 address, eight of an IPv6 address. */
type Groups = readonly number[];

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const hexGroup = /^[\da-f]{1,4}$/i;
const port = /^:\d{1,5}$/;
const zeros: Groups = [0, 0, 0, 0, 0, 0, 0, 0];

/** Longer than any address with its brackets, zone and port. */
const maxLength = 128;

/**
 * The unspecified address (RFC 1122 §3.2.1.3): that of a peer behind a Unix socket, and of one that hung up before it was
 * asked for. Deno says so itself.
 */
export const noAddress = "0.0.0.0";

/**
 * An address in one spelling: IPv4 dotted (also where it came IPv4-mapped, RFC 4291 §2.5.5.2), IPv6 as eight groups
 * of lower-case digits without padding. `undefined` when the text is no address.
 */
export function normaliseAddress(text: string): string | undefined {
  if (text.length > maxLength) return undefined;
  if (ipv4.test(text)) return text;
  if (text.startsWith("::ffff:") && ipv4.test(text.slice(7))) return text.slice(7); // every IPv4 peer of a Node server
  const groups = parse(bare(text));
  return groups && format(groups);
}

/** Takes off brackets, a port behind them or behind an IPv4 address, and the zone of an IPv6 address. */
function bare(text: string): string {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const behind = text.slice(end + 1);
    return end === -1 || (behind !== "" && !port.test(behind)) ? "" : withoutZone(text.slice(1, end));
  }
  const colon = text.indexOf(":");
  if (colon !== -1 && text.includes(".") && port.test(text.slice(colon))) return text.slice(0, colon);
  return withoutZone(text);
}

function withoutZone(text: string): string {
  const zone = text.indexOf("%");
  return zone === -1 || !text.includes(":") ? text : text.slice(0, zone);
}

/** The groups of a bare address, an IPv4-mapped one as the IPv4 address that it is. */
function parse(text: string): Groups | undefined {
  const groups = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return groups !== undefined && isMapped(groups) ? groups.slice(6) : groups;
}

function isMapped(groups: Groups): boolean {
  return groups.length === 8 && groups[5] === 0xffff && groups.findIndex((group) => group !== 0) === 5;
}

function parseIpv4(text: string): Groups | undefined {
  if (!ipv4.test(text)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** RFC 4291 §2.2: eight groups, or fewer around one `::`; the last two may be written as an IPv4 address. */
function parseIpv6(text: string): Groups | undefined {
  const groups: number[] = [];
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const colon = text.indexOf(":", at);
    const group = colon === -1 ? text.slice(at) : text.slice(at, colon);
    const parsed = hexGroup.test(group) ? [Number.parseInt(group, 16)] : colon === -1 ? parseIpv4(group) : undefined;
    if (parsed === undefined) return undefined;
    groups.push(...parsed);
    if (colon === -1) break;
    at = colon + 1;
    if (text[at] === ":" && gap === -1) {
      gap = groups.length;
      at++;
    } else if (at === text.length) {
      return undefined;
    }
  }
  if (gap === -1) return groups.length === 8 ? groups : undefined;
  if (groups.length > 7) return undefined;
  groups.splice(gap, 0, ...zeros.slice(groups.length));
  return groups;
}

function format(groups: Groups): string {
  return groups.length === 8
    ? groups.map((group) => group.toString(16)).join(":")
    : groups.flatMap((group) => [group >> 8, group & 255]).join(".");
}

/**
 * The key of a client: its IPv4 address, or the network of its IPv6 address, since whoever has one address of a network
 * has all of it.
 *
 * @param normalised - As `normaliseAddress` gives it.
 * @param bits - The length of an IPv6 client's network.
 */
export function addressKey(normalised: string, bits = 64): string {
  if (!normalised.includes(":")) return normalised;
  const groups = normalised.split(":", Math.ceil(bits / 16));
  const inLast = bits % 16;
  if (inLast > 0) {
    const last = Number.parseInt(groups.pop() ?? "", 16);
    groups.push((last & maskOf(inLast)).toString(16));
  }
  return `${groups.join(":")}${groups.length < 8 ? "::" : ""}/${bits}`;
}

/** The first bits of a group. */
function maskOf(bits: number): number {
  return (0xffff << (16 - bits)) & 0xffff;
}

/** Addresses that begin alike (RFC 4632 §3.1, RFC 4291 §2.3). One address is a network too. */
export interface Network {
  readonly groups: Groups;
  readonly bits: number;
}

/** A network as it is written: an address, or one with the length of its prefix. Otherwise what is wrong with it. */
export function parseNetwork(text: string): Network | string {
  const network = text.length > maxLength ? undefined : readNetwork(text);
  if (network === undefined) {
    return `${JSON.stringify(text.slice(0, maxLength))} is neither an address nor a network such as 10.0.0.0/8`;
  }
  const { groups, bits } = network;
  const first = groups.map((group, index) => group & maskOf(Math.min(16, Math.max(0, bits - index * 16))));
  if (first.every((group, index) => group === groups[index])) return network;
  const meant = JSON.stringify(`${shorten(first)}/${bits}`);
  return `${JSON.stringify(text)} has bits set behind its prefix: write ${meant} for the network, or the address alone`;
}

function readNetwork(text: string): Network | undefined {
  const [address = "", length, ...more] = text.split("/");
  const groups = address.includes(":") ? parseIpv6(address) : parseIpv4(address);
  if (groups === undefined || more.length > 0) return undefined;
  const all = groups.length * 16;
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bits = length === undefined ? all : Number(length);
  if (bits > all) return undefined;
  return isMapped(groups) && bits >= 96 ? { groups: groups.slice(6), bits: bits - 96 } : { groups, bits };
}

/** As people write it: without the zeros at its end. */
function shorten(groups: Groups): string {
  return format(groups).replace(/(?::0){2,}$/, "::");
}

/** Whether a text is an address, or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  return typeof parseNetwork(text) !== "string";
}

/** Whether an address is in one of these networks. */
export function isIn(networks: readonly Network[], normalised: string): boolean {
  const address = parse(normalised);
  return address !== undefined && networks.some((network) => contains(network, address));
}

function contains({ groups, bits }: Network, address: Groups): boolean {
  if (groups.length !== address.length) return false;
  for (let index = 0; index * 16 < bits; index++) {
    const mask = maskOf(Math.min(16, bits - index * 16));
    if (((address[index] ?? 0) & mask) !== groups[index]) return false;
  }
  return true;
}
