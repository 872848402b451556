import type { Bytes } from "../../lib/bytes.ts";
import { isSameDigest } from "../../lib/digest.ts";
import { andThen, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { RequestContext } from "../../types.ts";
import { bytesOf } from "./compact.ts";
import type { Candidate } from "./gate.ts";
import type { KeyQuestion, VerifyingKey } from "./key-source.ts";
import type { Reason } from "./reasons.ts";
import { isFor, parametersOf } from "./web-crypto.ts";

/** Whether one of the issuer's keys signed the token; a signature that fails may be one of a key that is newer than ours. */
export function refuseSignature(
  { token, question, keys: source }: Pick<Candidate, "token" | "question" | "keys">,
  context: RequestContext,
): MaybePromise<Reason | undefined> {
  return andThen(source.find(question, context), (keys) => {
    if (keys.length === 0) return "unknown_kid";
    const signed = partsOf(token, question);
    return andThen(isSigned(signed, keys), (isGood) => {
      if (isGood) return undefined;
      const newer = andThen(source.findNewer(question, context, keys), (found = []) => isSigned(signed, found));
      return andThen(newer, (isNewer) => (isNewer ? undefined : "bad_signature"));
    });
  });
}

interface Signed {
  readonly alg: string;
  readonly bytes: Bytes;
  readonly signature: Bytes;
}

function partsOf(token: string, { alg }: KeyQuestion): Signed {
  const end = token.lastIndexOf(".");
  return { alg, bytes: new TextEncoder().encode(token.slice(0, end)), signature: bytesOf(token.slice(end + 1)) };
}

/** Tries one key after the other (RFC 7515 §5.2). */
function isSigned(signed: Signed, keys: readonly VerifyingKey[], index = 0): MaybePromise<boolean> {
  const key = keys[index];
  if (key === undefined) return false;
  return andThen(isSignedBy(key, signed), (isGood) => isGood || isSigned(signed, keys, index + 1));
}

/** A key that is none for this algorithm did not sign. */
function isSignedBy(key: VerifyingKey, { alg, bytes, signature }: Signed): MaybePromise<boolean> {
  if (typeof key === "function") return andThen(key(bytes), (expected) => isSameDigest(expected, signature));
  const parameters = parametersOf(alg);
  if (parameters.name === "Ed25519" && signature.length !== 64) return false; // Workers reject, as if it was an outage
  return isFor(parameters, key) && crypto.subtle.verify(parameters, key, signature, bytes);
}
