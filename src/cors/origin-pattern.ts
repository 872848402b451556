import { show } from "../lib/options.ts";

/** `scheme://host[:port]` taken apart. `port` is empty when there is none. */
export interface OriginParts {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

/** The longest serialized origin that is looked at: a scheme, a host of 253 characters, a port. */
const maxOriginLength = 300;

/** Takes a serialized origin apart (RFC 6454 §6.2), byte for byte: nothing is normalised. `undefined` when it is none. */
export function parseOrigin(origin: string): OriginParts | undefined {
  const parts = splitOrigin(origin);
  return parts !== undefined && isOrigin(parts) ? parts : undefined;
}

/** What stands in the places of an origin's parts, whatever it is: `isOrigin` judges it. */
export interface UnjudgedParts extends OriginParts {
  /** What comes before the port. */
  readonly withoutPort: string;
}

export function splitOrigin(origin: string): UnjudgedParts | undefined {
  const separator = origin.indexOf("://");
  if (separator === -1 || origin.length > maxOriginLength) return undefined;
  const start = separator + 3;
  const colon = origin.indexOf(":", origin[start] === "[" ? origin.indexOf("]", start) : start);
  if (colon === origin.length - 1) return undefined;
  const withoutPort = colon === -1 ? origin : origin.slice(0, colon);
  return {
    scheme: origin.slice(0, separator),
    host: withoutPort.slice(start),
    port: colon === -1 ? "" : origin.slice(colon + 1),
    withoutPort,
  };
}

/** Whether a browser could have sent these parts as an origin. */
export function isOrigin({ scheme, host, port }: OriginParts): boolean {
  return isScheme(scheme) && isHost(host) && (port === "" || isPort(port)) && !isDefaultPort(scheme, port);
}

function isScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*$/.test(text);
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

function isDefaultPort(scheme: string, port: string): boolean {
  return (scheme === "https" && port === "443") || (scheme === "http" && port === "80");
}

/** Lower-case labels of 1 to 63 characters, 253 in all, perhaps with the root's full stop; or an IPv6 address in brackets. */
function isHost(host: string): boolean {
  if (host.startsWith("[")) return /^\[[0-9a-f:.]{2,}\]$/.test(host);
  let label = 0;
  for (let index = 0; index < host.length; index++) {
    const code = host.charCodeAt(index);
    if (code === 46) {
      if (label === 0) return false;
      label = 0;
    } else {
      const isLabelCharacter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 95;
      if (!isLabelCharacter || ++label > 63) return false;
    }
  }
  return host.length > 0 && host.length <= 253 && host !== ".";
}

/** An entry of an allow list: an origin, perhaps with `*.` before its host and `*` as its port. */
export interface OriginPattern extends OriginParts {
  /** The host stands for every host below it, and not for itself. */
  readonly isWildcard: boolean;
}

/** Holes that a configuration may ask for by name. */
export interface OriginRules {
  readonly credentials: boolean;
  readonly allowsInsecure: boolean;
  readonly allowsPublicSuffixes: boolean;
  /** Whether the place has the options that ask for a hole, so that messages may name them. */
  readonly mayForce: boolean;
}

/** Reads an entry of an allow list, or says what is wrong with it and what to write instead. */
export function parseOriginPattern(text: string, rules: OriginRules): OriginPattern | string {
  const mistake = spelling(text);
  if (mistake !== undefined) return mistake;
  const hasAnyPort = text.endsWith(":*");
  const withoutPort = hasAnyPort ? text.slice(0, -2) : text;
  const isWildcard = withoutPort.includes("://*.");
  const parts = parseOrigin(withoutPort.replace("://*.", "://"));
  if (parts === undefined || !isCanonical(parts, isWildcard)) {
    return `${show(text)} is not an origin: write scheme://host or scheme://host:port as a browser sends it`;
  }
  const pattern = { ...parts, port: hasAnyPort ? "*" : parts.port, isWildcard };
  return danger(text, pattern, rules) ?? pattern;
}

/** The usual slips, each with its fix. */
function spelling(text: string): string | undefined {
  if (text === "null") return `"null" is the origin of sandboxed and local pages of anybody: it cannot be allowed`;
  if (text === "*") return `"*" does not belong in a list: write origins: "*" alone, for every origin`;
  if (text.includes(",")) return `${show(text)} holds several origins: write each as an entry of its own`;
  const separator = text.indexOf("://");
  if (separator === -1) return `${show(text)} has no scheme: write ${show(`https://${text.replace(/^\/+/, "")}`)}`;
  const authority = text.slice(separator + 3);
  const at = authority.lastIndexOf("@");
  // Before it there may be a password.
  if (at !== -1)
    return `${show(`${text.slice(0, separator + 3)}...@${authority.slice(at + 1)}`)} has a user name: remove it`;
  const end = authority.search(/[/?#\\]/);
  if (end !== -1)
    return `${show(text)} has a slash or path behind the host: write ${show(text.slice(0, separator + 3 + end))}`;
  if (/[^\0-\x7f]/.test(text)) return `${show(text)} is not ASCII: write the punycode form ${show(punycode(text))}`;
  if (/[A-Z]/.test(text)) return `${show(text)} has upper case: write ${show(text.toLowerCase())}`;
  const [, scheme = "", port = ""] = /^([a-z]+):\/\/.*:(\d+)$/.exec(text) ?? [];
  if (isDefaultPort(scheme, port))
    return `${show(text)} names the default port: write ${show(text.slice(0, -port.length - 1))}`;
  if (authority.replace(/^\*\./, "").replace(/:\*$/, "").includes("*")) {
    return `${show(text)} has a "*" that stands for neither whole leading labels nor the port: write "https://*.example.com" or "http://localhost:*"`;
  }
  return undefined;
}

function punycode(text: string): string {
  try {
    return new URL(text).origin;
  } catch {
    return "https://xn--...";
  }
}

/** Whether a browser would serialize exactly this: `https://127.1` and `https://[::0:1]` are spelled otherwise. */
function isCanonical({ scheme, host, port }: OriginParts, isWildcard: boolean): boolean {
  if (scheme === "file" || host.startsWith("[::ffff:")) return false;
  if (isWildcard && (host.startsWith("[") || /(?:^|\.)\d+\.?$/.test(host) || host.length > 251)) return false;
  if (scheme !== "http" && scheme !== "https") return true;
  const origin = `${scheme}://${host}${port && `:${port}`}`;
  try {
    return new URL(origin).origin === origin;
  } catch {
    return false;
  }
}

function danger(text: string, { scheme, host, isWildcard }: OriginPattern, rules: OriginRules): string | undefined {
  if (isWildcard && !rules.allowsPublicSuffixes && isPublicSuffix(host)) {
    return `${show(text)} admits hosts that anybody may register: name your own host${rules.mayForce ? ", or ask for it with dangerouslyAllowPublicSuffixes" : ""}`;
  }
  if (scheme === "http" && rules.credentials && !rules.allowsInsecure && !isLoopback(host)) {
    return `${show(text)} is not encrypted, so whoever is on the path could send requests as the user: write https${rules.mayForce ? ", or ask for it with dangerouslyAllowInsecureOrigins" : ""}`;
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|\[::1\]|(?:.*\.)?localhost)$/.test(host);
}

/** Hosts under which strangers get names: the commonest; the full list changes weekly and weighs 200 kB. */
const sharedHosts =
  /^(?:(?:github|gitlab|ngrok|codesandbox|stackblitz|webcontainer|gitpod)\.io|(?:vercel|netlify|web|ngrok-free|run|railway|replit|lovable|csb|surge)\.app|(?:pages|workers|deno|fly|r2|replit|github)\.dev|(?:herokuapp|firebaseapp|appspot|onrender|blogspot|trycloudflare|amazonaws)\.com|(?:azurewebsites|azurestaticapps|cloudfront|azureedge|deno)\.net|(?:supabase|repl)\.co|surge\.sh|glitch\.me|up\.railway\.app)$/;

/** A top-level domain, a registry's second level such as `co.uk`, or a shared host. */
function isPublicSuffix(rooted: string): boolean {
  const host = rooted.endsWith(".") ? rooted.slice(0, -1) : rooted;
  return (
    host !== "localhost" &&
    (!host.includes(".") ||
      /^(?:ac|co|com|edu|go|gov|me|ne|net|or|org)\.[a-z]{2}$/.test(host) ||
      sharedHosts.test(host))
  );
}
