/** Verifies JSON Web Tokens, with jose. */
export type { ClaimsOf, JwtIdentity, StandardClaims } from "./auth/jwt/identity.ts";
export { jwt } from "./auth/jwt/jwt.ts";
export type { KeySetCache } from "./auth/jwt/keys/shared-cache.ts";
export type {
  AsymmetricAlgorithm,
  AudienceClaim,
  HmacAlgorithm,
  JsonWebKeySet,
  JwtAuthenticator,
  JwtCommonOptions,
  JwtKeyOptions,
  JwtSecretOptions,
  NonEmpty,
  PublicKeys,
  ScopesFrom,
  Secret,
  TokenCacheOptions,
} from "./auth/jwt/options.ts";
