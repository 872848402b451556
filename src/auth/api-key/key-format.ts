import { ConfigError } from "../../config-error.ts";
import { type Issues, Options, show } from "../../lib/options.ts";
import { alphabet, checksumLength, checksumOf } from "./checksum.ts";
import { type ApiKeyPepper, compileHashes } from "./hash.ts";

/** Names a key: 71 bits, enough that no two of a billion keys are likely to share theirs. */
const idLength = 12;
/** 131 bits. */
const secretLength = 22;

const maxPrefixLength = 32;

/** The settings of `generateApiKey()`. */
export interface GenerateApiKeyOptions {
  /** The `pepper` of the `apiKey()` that will verify the key; of two, the current one is used. Default: none. */
  readonly pepper?: ApiKeyPepper;
}

/** A new key, and what of it to keep. */
export interface GeneratedApiKey {
  /** For its owner, to be shown once: `acme_live_<id>_<secret><checksum>`. Keep it nowhere. */
  readonly key: string;
  /** The public part of the key: for lists, logs and deletion. 12 letters and digits. */
  readonly id: string;
  /** What `lookup` will be asked for: keep this, as `hashApiKey()` gives it. */
  readonly hash: string;
}

/**
 * Makes a key: a random public id, a secret of 131 random bits, and a checksum over all of it.
 *
 * @param prefix - The `prefix` of the `apiKey()` that will verify it, for example `acme_live`.
 * @throws ConfigError when the prefix or an option is not as `apiKey()` takes it.
 */
export async function generateApiKey(prefix: string, options: GenerateApiKeyOptions = {}): Promise<GeneratedApiKey> {
  const issues: Issues = [];
  const read = new Options(options, "generateApiKey", issues);
  const mistake = mistakeInPrefix(prefix);
  if (mistake !== undefined) issues.push({ path: "generateApiKey.prefix", message: mistake });
  const [hash] = compileHashes(read.get("pepper"), "generateApiKey.pepper", issues);
  read.done();
  if (issues.length > 0) throw new ConfigError(issues);
  const id = randomText(idLength);
  const text = `${prefix}_${id}_${randomText(secretLength)}`;
  const key = text + checksumOf(text);
  return { key, id, hash: await hash(key) };
}

/** Letters and digits of equal probability: bytes from which none would be likelier than others are thrown away. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    const fair = crypto.getRandomValues(new Uint8Array(length)).filter((byte) => byte < 248); // 4 × 62
    for (const byte of fair) text += alphabet.charAt(byte % 62);
  }
  return text.slice(0, length);
}

/**
 * A pattern that finds keys with this prefix in a text: `text.replaceAll(apiKeyPattern("acme_live"), "[key]")`. Its
 * `source` is what secret scanners take (GitHub secret scanning, gitleaks, ripgrep): it has no anchors and no
 * look-around, so that it finds a key also where other letters touch it.
 *
 * @returns A new expression with the flag `g`, as `replaceAll` and `matchAll` demand. `test()` on it begins where the
 * last match ended: for that, use `text.search(pattern) !== -1`.
 * @throws ConfigError when the prefix is not as `apiKey()` takes it.
 */
export function apiKeyPattern(prefix: string): RegExp {
  const mistake = mistakeInPrefix(prefix);
  if (mistake !== undefined) throw new ConfigError([{ path: "apiKeyPattern.prefix", message: mistake }]);
  return new RegExp(sourceOf(prefix), "g");
}

function sourceOf(prefix: string): string {
  return `${prefix}_[0-9A-Za-z]{${idLength}}_[0-9A-Za-z]{${secretLength + checksumLength}}`;
}

/** What is wrong with a prefix; `undefined` when it is one. */
export function mistakeInPrefix(prefix: unknown): string | undefined {
  if (prefix === undefined) return "is missing: write what your keys begin with, such as acme_live";
  if (typeof prefix !== "string" || !/^[a-z][a-z\d]*(?:_[a-z\d]+)*$/.test(prefix) || prefix.length > maxPrefixLength) {
    const grammar = "a letter, then lower-case letters, digits and single underscores between them";
    return `${show(prefix)} must be at most ${maxPrefixLength} characters: ${grammar}, such as acme_live`;
  }
  // The header of a JWT is a JSON object: `{` and a tab or line break are these in base64url, all else has an upper-case letter.
  return /^ew[ko0]/.test(prefix) ? `${show(prefix)} is what a JWT may begin with: choose another` : undefined;
}

/** Why a text cannot be a key, for the `refused` event. */
export type FormMistake = "malformed" | "bad_checksum";

/** Looks at a text without asking anybody: scanners' noise and typing mistakes end here. */
export function compileForm(prefix: string): (text: string) => FormMistake | undefined {
  const pattern = new RegExp(`^${sourceOf(prefix)}$`);
  return (text) => {
    if (!pattern.test(text)) return "malformed";
    return checksumOf(text.slice(0, -checksumLength)) === text.slice(-checksumLength) ? undefined : "bad_checksum";
  };
}
