/**
 * What placeholders and examples hold. Each is so long that 64 random characters in base64 or hexadecimal have one of
 * them with a probability below one in a million, in whatever case; so `123456`, which is six hexadecimal digits, is not here.
 */
const placeholder =
  /change.?me|replace|placeholder|generate|openssl|example|default|secret|signing|passw[o0]rd|letmein|keyboard cat|qwerty|abcdefg|12345678|<.+>|(?:^|[-_ ])your[-_ ]/is;

/** Drawn tokens of Supabase and Notion begin so: upper case tells them from words. */
const vendorPrefix = /^(?:sb_)?secret_(?=[\w-]*[A-Z])/;

/** How much of a text is looked at: in a longer random one such a word would be likelier. */
const maxLength = 64;

/** Whether a secret reads like a placeholder that was never replaced, or like the secret of an example. */
export function isPlaceholder(secret: string): boolean {
  return placeholder.test(secret.replace(vendorPrefix, "").slice(0, maxLength));
}
