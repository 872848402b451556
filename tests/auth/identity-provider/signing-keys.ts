import { SignJWT } from "jose/jwt/sign";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";

/** A key pair of a provider. */
export interface SigningKey {
  readonly kid: string | undefined;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** The public key as it is published, with `alg` and `use`. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export async function makeKey(kid: string | undefined, algorithm: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }), alg: algorithm, use: "sig" };
  return { kid, algorithm, privateKey, publicKey, jwk };
}

/** What a test changes in a token: a member that is `undefined` is left out. */
export interface TokenChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** Signs an access token of five minutes by the clock of the process. */
export function signToken(key: SigningKey, issuer: string, { claims, header }: TokenChanges = {}): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, aud: "api", sub: "ann", iat: nowSeconds, exp: nowSeconds + 300, ...claims };
  return new SignJWT(payload)
    .setProtectedHeader({
      alg: key.algorithm,
      typ: "at+jwt",
      ...(key.kid !== undefined && { kid: key.kid }),
      ...header,
    })
    .sign(key.privateKey);
}
