/** The bytes of an IPv4 address in dotted form; `undefined` when it is none. */
function parseIpv4(text: string): number[] | undefined {
  const bytes: number[] = [];
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? 46 : text.charCodeAt(index);
    if (code >= 48 && code <= 57) continue;
    const length = index - start;
    const byte = Number(text.slice(start, index));
    const isPadded = length > 1 && text.charCodeAt(start) === 48;
    if (code !== 46 || length < 1 || length > 3 || byte > 255 || isPadded) return undefined;
    bytes.push(byte);
    start = index + 1;
  }
  return bytes.length === 4 ? bytes : undefined;
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), without brackets and zone; `undefined` when it is none. */
function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map(groupsOf);
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined;
  if (right === undefined) return left.length === 8 ? left : undefined;
  const zeros = 8 - left.length - right.length;
  return zeros >= 1 ? [...left, ...new Array<number>(zeros).fill(0), ...right] : undefined;
}

function groupsOf(half: string): number[] | undefined {
  if (half === "") return [];
  const groups: number[] = [];
  const parts = half.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = ipv4;
    groups.push(a * 256 + b, c * 256 + d);
  }
  return groups;
}

/** Takes off brackets, a port behind an IPv4 address or behind brackets, and a zone. */
function bare(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  const address = bracketed?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(":")) : text);
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}

function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function dotted(groups: readonly number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

/**
 * An address in one spelling: IPv4 dotted (also where it came IPv4-mapped, RFC 4291 §2.5.5.2), IPv6 as eight groups
 * of lower-case digits without padding. `undefined` when the text is no address.
 */
export function normaliseAddress(text: string): string | undefined {
  if (parseIpv4(text) !== undefined) return text;
  const address = bare(text);
  if (!address.includes(":")) return parseIpv4(address) && address;
  const groups = parseIpv6(address);
  if (groups === undefined) return undefined;
  return isIpv4Mapped(groups) ? dotted(groups) : groups.map((group) => group.toString(16)).join(":");
}

/** The key of a client: its IPv4 address, or the /64 of its IPv6 address, since whoever has one address has all of it. */
export function addressKey(normalised: string): string {
  return normalised.includes(":") ? `${normalised.split(":", 4).join(":")}::/64` : normalised;
}
