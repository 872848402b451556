import type { Bytes } from "../../lib/bytes.ts";
import { isSameDigest } from "../../lib/digest.ts";
import { isPromise, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { RequestContext } from "../../types.ts";
import { bytesOf } from "./compact.ts";
import type { Candidate } from "./gate.ts";
import type { VerifyingKey } from "./key-source.ts";
import type { Reason } from "./reasons.ts";
import { isFor, parametersOf } from "./web-crypto.ts";

/** Whether one of the issuer's keys signed the token; a signature that fails may be one of a key that is newer than ours. */
export async function refuseSignature(
  { token, question, keys: source }: Pick<Candidate, "token" | "question" | "keys">,
  context: RequestContext,
): Promise<Reason | undefined> {
  const found = source.find(question, context);
  const keys = isPromise(found) ? await found : found;
  if (keys.length === 0) return "unknown_kid";
  if (await isSigned(token, question.alg, keys)) return undefined;
  const newer = await source.findNewer(question, context, keys);
  return newer !== undefined && (await isSigned(token, question.alg, newer)) ? undefined : "bad_signature";
}

/** Tries one key after the other (RFC 7515 §5.2). */
async function isSigned(token: string, alg: string, keys: readonly VerifyingKey[]): Promise<boolean> {
  const end = token.lastIndexOf(".");
  const signature = bytesOf(token.slice(end + 1));
  const signed = new TextEncoder().encode(token.slice(0, end));
  for (const key of keys) {
    if (await isSignedBy(key, alg, signature, signed)) return true;
  }
  return false;
}

/** A key that is none for this algorithm did not sign. */
function isSignedBy(key: VerifyingKey, alg: string, signature: Bytes, signed: Bytes): MaybePromise<boolean> {
  if (typeof key === "function") {
    const expected = key(signed);
    return isPromise(expected)
      ? expected.then((settled) => isSameDigest(settled, signature))
      : isSameDigest(expected, signature);
  }
  const parameters = parametersOf(alg);
  return isFor(parameters, key) && crypto.subtle.verify(parameters, key, signature, signed);
}
