import type { AnySchema } from "../../content/standard-schema.ts";
import { andThen, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { Refusal } from "../../problem.ts";
import type { RequestContext } from "../../types.ts";
import { bearerCredential, hasBearer, hasTokenInQuery, unreadBearer } from "../bearer.ts";
import { bare } from "../challenge.ts";
import { identify } from "./claims.ts";
import { compileJwt, type JwtPlan } from "./compile.ts";
import { admit, type Candidate } from "./gate.ts";
import { type ClaimsOf, type JwtIdentity, makeIdentity } from "./identity.ts";
import type { JwtAuthenticator, JwtKeyOptions, JwtSecretOptions } from "./options.ts";
import { type JwtRefusals, refusalsWith } from "./reasons.ts";
import { refuseSignature } from "./signature.ts";
import { isExpired, refuseTimes } from "./times.ts";
import { TokenCache } from "./token-cache.ts";

/**
 * Verifies JSON Web Tokens that come as `Authorization: Bearer` (RFC 6750 §2.1, RFC 9068): by a secret, or by the public
 * keys of their issuer. A token is refused before any key is touched unless its form, its header, its issuer and its
 * expiry are as they must be.
 *
 * A missing token is 401 `credentials_required`; a malformed `Authorization` 400 `invalid_request`, and a token in the
 * query 400 `token_in_query`; an expired token 401 `token_expired`, an early one 401 `token_not_yet_valid`, any other bad
 * one 401 `invalid_token`, whose reason only the `refused` event tells. Keys that cannot be had are 503
 * `auth_unavailable`.
 *
 * @throws ConfigError with every mistake in the options.
 */
export function jwt<Claims extends AnySchema | undefined = undefined, const Scope extends string = string>(
  options: JwtSecretOptions<Claims, Scope> | JwtKeyOptions<Claims, Scope>,
): JwtAuthenticator<JwtIdentity<ClaimsOf<Claims>, Scope>> {
  const plan = compileJwt(options);
  const { known } = plan.rules.scopes;
  const verifier = new Verifier(plan);
  const sources = new Set(plan.gate.issuers.values());
  const authenticator: JwtAuthenticator<JwtIdentity<unknown>> = {
    name: "jwt",
    challenge: bare(plan.challenge, []),
    ...(known !== undefined && { scopes: known }),
    present: (request) => hasBearer(request) || hasTokenInQuery(request),
    authenticate: (request, context) => verifier.authenticate(request, context),
    warmup: async () => {
      await Promise.all(Array.from(sources, (source) => source.warmup()));
    },
    purge: () => {
      for (const source of sources) source.purge();
      verifier.forget();
    },
  };
  return authenticator as JwtAuthenticator<JwtIdentity<ClaimsOf<Claims>, Scope>>; // the schema gave the claims, and the scopes are those declared
}

class Verifier {
  readonly #plan: JwtPlan;
  readonly #refusals: JwtRefusals;
  readonly #cache: TokenCache | undefined;

  constructor(plan: JwtPlan) {
    this.#plan = plan;
    this.#refusals = refusalsWith(plan.challenge);
    this.#cache = plan.cache && new TokenCache(plan.cache);
  }

  authenticate(request: Request, context: RequestContext): MaybePromise<JwtIdentity<unknown> | Refusal> {
    if (hasTokenInQuery(request)) return this.#refusals.inQuery;
    const nowSeconds = Date.now() / 1000;
    const kept = this.#kept(request, nowSeconds);
    if (kept !== undefined) return kept;
    const token = bearerCredential(request);
    if (token === undefined) return this.#refusals.malformed;
    const candidate = admit(token, this.#plan.gate, nowSeconds);
    return typeof candidate === "string" ? this.#refusals.because(candidate) : this.#verify(candidate, context);
  }

  forget(): void {
    this.#cache?.clear();
  }

  /** The identity of a token that was verified a moment ago and whose times still hold. */
  #kept(request: Request, nowSeconds: number): JwtIdentity<unknown> | undefined {
    const entry = this.#cache?.get(unreadBearer(request), nowSeconds);
    if (entry === undefined) return undefined;
    const { times } = this.#plan.gate;
    const isTimely =
      !isExpired(entry.times, times, nowSeconds) && refuseTimes(entry.times, times, nowSeconds) === undefined;
    return isTimely ? makeIdentity(entry.identity) : undefined;
  }

  #verify(candidate: Candidate, context: RequestContext): MaybePromise<JwtIdentity<unknown> | Refusal> {
    const { token, keys, times } = candidate;
    const version = keys.version();
    const generation = this.#cache?.generation ?? 0;
    return andThen(refuseSignature(candidate, context), (badSignature) => {
      if (badSignature !== undefined) return this.#refusals.because(badSignature);
      const atSeconds = Date.now() / 1000;
      return andThen(identify(candidate, this.#plan.rules, atSeconds), (identity) => {
        if (typeof identity === "string") return this.#refusals.because(identity);
        this.#cache?.add(token, { identity: makeIdentity(identity), times, keys, version, atSeconds }, generation);
        return identity;
      });
    });
  }
}
