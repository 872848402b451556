/** What is wrong with the address of a key set; `undefined` where it is good. The address may hold a password, so no message shows it. */
export function mistakeInLocation(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "must be an https URL such as https://id.example.com/.well-known/jwks.json, a JWK Set, a public CryptoKey or a PEM text";
  }
  if (url.username !== "" || url.password !== "")
    return "has a user name or password, which fetch() refuses: remove it";
  if (url.hash !== "") return "has a fragment, which is never sent: remove it";
  if (url.protocol === "https:") return undefined;
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && isLoopback) return undefined;
  return "must be an https URL: keys that came over plain http are anybody's";
}
