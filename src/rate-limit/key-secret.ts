/** Makes of an identity what a store outside may keep. */
export type HashIdentity = (identity: string) => Promise<string>;

const hashBytes = 16;

/** HMAC-SHA-256 under a secret, cut to 128 bits: who reads the store learns no address and no subject from its keys. */
export function hashWith(secret: string): HashIdentity {
  const encoder = new TextEncoder();
  let key: CryptoKey | undefined;
  return async (identity) => {
    // The key is kept when it is there, not while it is made: on Workers one request cannot wait for another's work.
    key ??= await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(identity)), 0, hashBytes);
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
}
