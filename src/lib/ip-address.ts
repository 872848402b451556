/** Takes off a zone, brackets, and a port behind brackets or behind an IPv4 address. */
function bare(text: string): string {
  return text
    .replace(/^\[([^\]]*)\](?::\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
    .replace(/%.*$/, "");
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2) as the URL parser reads them; `undefined` when it is none. */
function parseIpv6(text: string): readonly string[] | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text)) return undefined;
  try {
    const [left = "", right] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
    const first = left === "" ? [] : left.split(":");
    if (right === undefined) return first;
    const last = right === "" ? [] : right.split(":");
    return [...first, ...new Array<string>(8 - first.length - last.length).fill("0"), ...last];
  } catch {
    return undefined;
  }
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * An address in one spelling: IPv4 dotted (also where it came IPv4-mapped, RFC 4291 §2.5.5.2), IPv6 as eight groups
 * of lower-case digits without padding. `undefined` when the text is no address.
 */
export function normaliseAddress(text: string): string | undefined {
  if (ipv4.test(text)) return text;
  const address = bare(text);
  if (!address.includes(":")) return ipv4.test(address) ? address : undefined;
  const groups = parseIpv6(address);
  if (groups?.slice(0, 6).join() !== "0,0,0,0,0,ffff") return groups?.join(":");
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The key of a client: its IPv4 address, or the /64 of its IPv6 address, since whoever has one address has all of it. */
export function addressKey(normalised: string): string {
  return normalised.includes(":") ? `${normalised.split(":", 4).join(":")}::/64` : normalised;
}

/** Whether a text is an address, or a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const isIpv4 = ipv4.test(address);
  if (rest.length > 0 || (!isIpv4 && (!address.includes(":") || parseIpv6(address) === undefined))) return false;
  return bits === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (isIpv4 ? 32 : 128));
}
