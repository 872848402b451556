/** Why a text is no address for what must not be read or changed on its way. */
export type UrlFault = "malformed" | "credentials" | "fragment" | "insecure";

/** What is wrong with a text as an https URL; http is good enough for this machine alone. */
export function faultInHttpsUrl(text: string): UrlFault | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "malformed";
  }
  if (url.username !== "" || url.password !== "") return "credentials";
  if (text.includes("#")) return "fragment";
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback) ? undefined : "insecure";
}

/** What to do about those faults that need no words of their own. The text is not shown: it may hold a password. */
export const urlMistakes: Readonly<Record<"credentials" | "fragment", string>> = {
  credentials: "has a user name or password: remove it",
  fragment: "has a fragment, which is never sent: remove it",
};
