import { faultInHttpsUrl, urlMistakes } from "../../../lib/https-url.ts";

/** What is wrong with the address of a key set; `undefined` where it is good. */
export function mistakeInLocation(text: string): string | undefined {
  const fault = faultInHttpsUrl(text);
  switch (fault) {
    case undefined:
      return undefined;
    case "malformed":
      return "must be an https URL such as https://id.example.com/.well-known/jwks.json, a JWK Set, a public CryptoKey or a PEM text";
    case "insecure":
      return "must be an https URL: keys that came over plain http are anybody's";
    default:
      return urlMistakes[fault];
  }
}
