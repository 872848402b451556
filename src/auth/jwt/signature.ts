import { compactVerify } from "jose/jws/compact/verify";
import { isPromise } from "../../lib/maybe-promise.ts";
import type { RequestContext } from "../../types.ts";
import type { Candidate } from "./gate.ts";
import type { Reason } from "./reasons.ts";

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

/** Tries one key after the other. */
function isSigned(token: string, alg: string, [key, ...others]: readonly CryptoKey[]): boolean | Promise<boolean> {
  if (key === undefined) return false;
  return compactVerify(token, key, { algorithms: [alg] }).then(
    () => true,
    // Not signed by this key, or the key is none for this algorithm: that is the same.
    () => isSigned(token, alg, others),
  );
}
