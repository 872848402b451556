/**
 * zod schemas for the security settings that an environment holds: all mistakes at once, in words that name the fix,
 * and no secret in any of them.
 */
import { z } from "zod";
import { parseOriginPattern } from "./cors/origin-pattern.ts";
import { faultInHttpsUrl, urlMistakes } from "./lib/https-url.ts";
import { parseNetwork } from "./lib/ip-address.ts";
import { isPlaceholder } from "./lib/placeholder.ts";
import { isRepetition, repeatsItself } from "./lib/repetition.ts";

/** A schema from one string of the environment to a setting. */
export type SettingSchema<Output> = z.ZodPipe<z.ZodString, z.ZodTransform<Output, string>>;

/** A variable that is not set is missing; to be no string is what zod says of other values. */
function text(): z.ZodString {
  return z.string({ error: ({ input }) => (input === undefined ? "is missing: set this variable" : undefined) });
}

/**
 * A comma list of origins, for `cors.origins`: `https://app.example.com, https://*.preview.example.com`.
 * The grammar is that of `cors.origins`; what depends on `credentials` is judged by `policy()`.
 */
export function originList(): SettingSchema<string[]> {
  return listOf("origins", (origin) => {
    if (origin === "*") return `"*" stands for every origin: write origins: "*" in the policy; a setting lists origins`;
    if (/[\s;]/.test(origin)) return "has white space or a semicolon inside: a comma separates origins";
    const pattern = parseOriginPattern(origin, {
      credentials: false,
      allowsInsecure: true,
      allowsPublicSuffixes: false,
      mayForce: false,
    });
    return typeof pattern === "string" ? pattern : undefined;
  });
}

/** A comma list of addresses and networks in CIDR notation: `10.0.0.0/8, 2001:db8::/32`. */
export function trustedProxies(): SettingSchema<string[]> {
  return listOf("addresses", (text) => {
    const network = parseNetwork(text);
    if (typeof network === "string") return network;
    return network.bits === 0
      ? `${JSON.stringify(text)} trusts everybody: name the networks of your proxies`
      : undefined;
  });
}

function listOf(noun: string, mistakeIn: (entry: string) => string | undefined): SettingSchema<string[]> {
  return text().transform((text, context) => {
    const entries = text
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
    if (entries.length === 0) context.addIssue(`must be a comma list of ${noun}; it is empty`);
    for (const entry of entries) {
      const mistake = mistakeIn(entry);
      if (mistake !== undefined) context.addIssue(mistake);
    }
    return entries;
  });
}

/** What `secret()` demands. */
export interface SecretOptions {
  /** The fewest bytes in UTF-8: 16 to 1024. Default: 32, what HS256 needs (RFC 7518 §3.2). */
  readonly minBytes?: number;
}

/**
 * A secret: long enough, without white space or quotes around it, neither a short text over and over nor what placeholders
 * and examples hold, such as `changeme`, `your-`, `secret`, `<…>`. That it was drawn and not made up cannot be seen: a
 * phrase of other words passes. No message ever holds it.
 */
export function secret({ minBytes = 32 }: SecretOptions = {}): SettingSchema<string> {
  if (!Number.isInteger(minBytes) || minBytes < 16 || minBytes > 1024) {
    throw new TypeError("secret(): minBytes must be a whole number of bytes from 16 to 1024");
  }
  return text().transform((text, context) => {
    const message = mistakeInSecret(text, minBytes);
    if (message !== undefined) context.addIssue({ code: "custom", message, input: "" }); // else reportInput shows it
    return text;
  });
}

function mistakeInSecret(text: string, minBytes: number): string | undefined {
  const another = (mistake: string): string => `${mistake}: make one with "openssl rand -base64 ${minBytes}"`;
  if (new TextEncoder().encode(text).length < minBytes) return another(`must be at least ${minBytes} bytes long`);
  if (text !== text.trim()) return "has white space around it, which is probably not part of it";
  if (/^(["'`]).*\1$/s.test(text)) return "has quotes around it, which are probably not part of it";
  if (isRepetition(text)) return another(repeatsItself);
  return isPlaceholder(text) ? another("reads like a placeholder or an example") : undefined;
}

/** An https URL without user name and fragment; `http:` only for this machine. */
export function httpsUrl(): SettingSchema<string> {
  return text().transform((text, context) => {
    const mistake = mistakeInUrl(text);
    if (mistake !== undefined) context.addIssue(mistake);
    return text;
  });
}

function mistakeInUrl(text: string): string | undefined {
  // The URL parser repairs these; compared as text, an issuer with one of them would never match.
  const isRepaired = /[^!-[\]-\uffff]|\s|^https?:(?!\/\/[^/@])/i.test(text);
  const fault = isRepaired ? "malformed" : faultInHttpsUrl(text);
  switch (fault) {
    case undefined:
      return undefined;
    case "malformed":
      return "is not a URL such as https://id.example.com/";
    case "insecure":
      return "must be an https URL";
    default:
      return urlMistakes[fault];
  }
}
