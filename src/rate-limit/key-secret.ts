import { hexOf } from "../lib/bytes.ts";
import { type Digest, hmac } from "../lib/digest.ts";

/** Makes of an identity what a store outside may keep. */
export type HashIdentity = (identity: string) => Promise<string>;

const hashBytes = 16;

/** HMAC-SHA-256 under a secret, cut to 128 bits: who reads the store learns no address and no subject from its keys. */
export function hashWith(secret: string): HashIdentity {
  const encoder = new TextEncoder();
  let digest: Digest | undefined;
  return async (identity) => {
    // It is kept when it is there, not while it is made: on Workers one request cannot wait for another's work.
    digest ??= await hmac(encoder.encode(secret), "SHA-256");
    return hexOf(await digest(encoder.encode(identity))).slice(0, 2 * hashBytes);
  };
}
