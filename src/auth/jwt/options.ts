import type { MaybePromise } from "../../lib/maybe-promise.ts";
import type { Authenticator, Identity } from "../../types.ts";
import type { ClaimsOf } from "./identity.ts";
import type { KeySetCache } from "./keys/shared-cache.ts";

/** A list with at least one entry. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** HMAC with SHA-2 (RFC 7518 §3.2): whoever can verify can sign. */
export type HmacAlgorithm = "HS256" | "HS384" | "HS512";

/** Signatures by a private key (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1, RFC 9864 §2.2). */
export type AsymmetricAlgorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA"
  | "Ed25519";

/**
 * A shared secret: text, whose UTF-8 bytes are the key, or bytes. A function is called for each token that passes the first
 * checks and is not in the `cache`: it may give another secret at any time, and should keep what is slow to get.
 */
export type Secret = string | Uint8Array | (() => MaybePromise<string | Uint8Array>);

/** For issuers whose access tokens have no `aud`: another claim that says for which client the token was made. */
export interface AudienceClaim {
  /** The claim: `client_id` (Amazon Cognito) or `azp` (Clerk, Google). */
  readonly claim: "client_id" | "azp";
  /** The values that are accepted. */
  readonly values: NonEmpty<string>;
}

/** Where a token's scopes are read: the name of a claim, or a function of the verified claims. */
export type ScopesFrom<Claims> =
  | "scope"
  | "scp"
  | "permissions"
  | "roles"
  | ((claims: ClaimsOf<Claims>) => Iterable<string>);

/** Keeps the outcome of successful verifications. */
export interface TokenCacheOptions {
  /** How many tokens are kept, those not used lately go first: 1 to 100000. */
  readonly maxEntries: number;
  /**
   * How long one is kept at most, in seconds: 1 to 60. Never beyond its `exp`, nor beyond a change of the key set. A
   * `secret` that is a function is not asked for a kept token: one that was verified under the old secret is good for so
   * long after the change, or until the function is asked for another token. `purge()` ends it at once.
   */
  readonly ttlSeconds: number;
}

/** What both forms of `jwt()` take. */
export interface JwtCommonOptions<Claims, Scope extends string> {
  /** Who may issue tokens: compared with `iss` character by character, a slash at the end included. */
  readonly issuer: string | NonEmpty<string>;
  /** Whom tokens must be for: one of these is in `aud`, or in the claim that is named here. */
  readonly audience: string | NonEmpty<string> | AudienceClaim;
  /** The name of the protected space, in challenges (RFC 9110 §11.5): printable ASCII. Default: `"api"`. */
  readonly realm?: string;
  /** The https URL of this resource's metadata, in challenges (RFC 9728 §5.1); http for this machine. Default: none. */
  readonly resourceMetadata?: string;
  /**
   * The scopes that exist. Types `scopes` of handlers; another one in a requirement is a config error, and another one in
   * a token is left out. Default: any.
   */
  readonly scopes?: readonly Scope[];
  /**
   * Where a token's scopes are: text with spaces between them, or a list. A token without has none, and one where they
   * are anything else is refused. A function gets what the schema `claims` gave. Default: `"scope"` (RFC 9068 §2.2.3).
   */
  readonly scopesFrom?: ScopesFrom<Claims>;
  /**
   * A Standard Schema, such as `z.object({ … })`, that the verified claims must fit; it may be asynchronous. What it gives
   * is `auth.claims`, frozen, plain objects and lists in it too. Default: none.
   */
  readonly claims?: Claims;
  /** How far clocks may differ, in seconds: 0 to 300. Default: 30. */
  readonly clockToleranceSeconds?: number;
  /** How long a token may live at most, from `iat`, which must then be there, to `exp`: 1 to 31536000 s. Default: any time. */
  readonly maxLifetimeSeconds?: number;
  /**
   * The values of the header's `typ` that are accepted, in any case, with or without `application/` (RFC 8725 §3.11); one
   * of them must be there. Default: `JWT`, `at+jwt`, or none.
   */
  readonly typ?: NonEmpty<string>;
  /**
   * Keeps verified tokens, so that a token that comes again costs no signature check. Times are checked each time, and so
   * is everything that handlers ask. The tokens are then in memory, and requests with one token share its claims: what
   * `claims` makes of classes (`Set`, `Map`, `Date`) cannot be frozen, so leave it as it is. Default: none.
   */
  readonly cache?: TokenCacheOptions;
}

/** `jwt()` with a secret that the issuer shares with this API. */
export interface JwtSecretOptions<Claims, Scope extends string> extends JwtCommonOptions<Claims, Scope> {
  /**
   * At least as long as the hash of each algorithm: 32, 48 or 64 bytes (RFC 7518 §3.2). One that is shorter, or a word over
   * and over, is a config error.
   */
  readonly secret: Secret;
  /** The algorithms that are accepted. */
  readonly algorithms: NonEmpty<HmacAlgorithm>;
  readonly jwks?: never;
  readonly keySetCache?: never;
  readonly staleIfErrorSeconds?: never;
}

/** A JWK Set (RFC 7517 §5) of public keys. */
export interface JsonWebKeySet {
  readonly keys: readonly object[];
}

/** Public keys: the https URL of a JWK Set (http for this machine), such a set, one `CryptoKey`, or one key as PEM text. */
export type PublicKeys = string | URL | JsonWebKeySet | CryptoKey;

/** `jwt()` with the public keys of the issuer. */
export interface JwtKeyOptions<Claims, Scope extends string> extends JwtCommonOptions<Claims, Scope> {
  /** The keys of the issuer, or of all issuers; a function is called once for each and gives the keys of that one. */
  readonly jwks: PublicKeys | ((issuer: string) => PublicKeys);
  /** The algorithms that are accepted; a key is used for one only (RFC 8725 §3.1). Default: any with public keys. */
  readonly algorithms?: NonEmpty<AsymmetricAlgorithm>;
  /** Where instances share fetched key sets. Default: the Cache API on Workers, none elsewhere. */
  readonly keySetCache?: KeySetCache;
  /**
   * How long fetched keys are used beyond their freshness where newer ones cannot be had, in seconds: 0 to 86400. A key
   * that the issuer withdrew may live for so long. Default: 3600.
   */
  readonly staleIfErrorSeconds?: number;
  readonly secret?: never;
}

/** Verifies JSON Web Tokens: made by `jwt()`. */
export interface JwtAuthenticator<I extends Identity> extends Authenticator<I> {
  /** Gets the keys before the first request needs them. Rejects where that fails. */
  readonly warmup: () => Promise<void>;
  /** Forgets the keys that were fetched and the tokens that were verified: the next request fetches and verifies. */
  readonly purge: () => void;
}
