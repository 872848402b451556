import type { AnySchema, InferOutput } from "../../content/standard-schema.ts";
import type { Identity } from "../../types.ts";
import { frozenScopes } from "../frozen-scopes.ts";

/** The claims of a token without a schema: those of RFC 7519 §4.1, checked, and whatever else the issuer put in. */
export interface StandardClaims {
  /** The issuer: one of those configured. */
  readonly iss: string;
  /** The subject, never empty. */
  readonly sub: string;
  /** Whom the token is for. Absent only where `audience` names another claim. */
  readonly aud?: string | readonly string[];
  /** When it expires, in seconds since 1970. */
  readonly exp: number;
  /** Before when it is not valid, in seconds since 1970. */
  readonly nbf?: number;
  /** When it was issued, in seconds since 1970. */
  readonly iat?: number;
  readonly [claim: string]: unknown;
}

/** What `claims` of an identity are: the output of the schema, where there is one. */
export type ClaimsOf<Schema> = [Schema] extends [AnySchema] ? InferOutput<Schema> : StandardClaims;

/** Who a verified token is about. Frozen and without a prototype, as its claims are: requests may share these. */
export interface JwtIdentity<Claims = StandardClaims, Scope extends string = string> extends Identity<"jwt", Scope> {
  /** The token's `sub`. */
  readonly subject: string;
  /** The token's `iss`. */
  readonly issuer: string;
  /** What the token allows. Changing it throws. */
  readonly scopes: ReadonlySet<Scope>;
  /** The verified claims, as the schema `claims` gave them where there is one. */
  readonly claims: Claims;
}

/** What an identity is made of: another one will do. */
interface IdentityParts extends Pick<JwtIdentity<unknown>, "subject" | "issuer" | "claims"> {
  readonly scopes: Iterable<string>;
}

/** Makes one. No set can be frozen against all, so no two requests have one in common. */
export function makeIdentity({ subject, issuer, scopes, claims }: IdentityParts): JwtIdentity<unknown> {
  const identity = { __proto__: null, method: "jwt", subject, issuer, scopes: frozenScopes(scopes), claims };
  return Object.freeze(identity as JwtIdentity<unknown>); // no prototype is no member
}
