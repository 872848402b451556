import { faultInHttpsUrl, urlMistakes } from "../../lib/https-url.ts";
import { type Options, show } from "../../lib/options.ts";
import { type Challenge, quoted } from "../challenge.ts";

/** Reads `realm` and `resourceMetadata`. */
export function compileChallenge(options: Options): Challenge {
  const { realm = "api", resourceMetadata } = {
    realm: options.get("realm"),
    resourceMetadata: options.get("resourceMetadata"),
  };
  const name = quoted(realm);
  if (name === undefined) options.refuse("realm", `${show(realm)} must be printable ASCII, and not empty`);
  const mistake = resourceMetadata === undefined ? undefined : mistakeInUrl(resourceMetadata);
  if (mistake !== undefined) options.refuse("resourceMetadata", `${show(resourceMetadata)} ${mistake}`);
  return {
    head: `Bearer realm=${name}`,
    tail: resourceMetadata === undefined ? "" : `, resource_metadata="${resourceMetadata}"`,
    namesScopes: true,
  };
}

/** RFC 9728 §3: https, without a fragment. What the URL parser would repair is refused: clients compare it as text. */
function mistakeInUrl(text: unknown): string | undefined {
  const fault = isPlainUrl(text) ? faultInHttpsUrl(text) : "malformed";
  if (fault === undefined) return undefined;
  return fault === "malformed" || fault === "insecure"
    ? "must be an https URL such as https://api.example.com/.well-known/oauth-protected-resource"
    : urlMistakes[fault];
}

function isPlainUrl(text: unknown): text is string {
  return typeof text === "string" && /^https?:\/\/[!#-[\]-~]+$/.test(text);
}
