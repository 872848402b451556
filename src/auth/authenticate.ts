import { ConfigError } from "../config-error.ts";
import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { isRefusal, type Refusal, refuse } from "../problem.ts";
import type { Authenticator, Identity } from "../types.ts";
import type { AuthenticateStep, AuthMember, AuthMode } from "./auth.ts";
import { bare, withError } from "./challenge.ts";
import { choose, fieldsOf } from "./choose.ts";

/** The step that finds out who is calling. Its challenges name the scopes that a handler asks for. */
export function authenticateBy(
  members: readonly AuthMember[],
  mode: AuthMode,
  scopes: readonly string[],
): AuthenticateStep {
  const step = new Authentication(members, mode, scopes);
  return (exchange) => step.run(exchange);
}

class Authentication {
  readonly #mode: AuthMode;
  readonly #authenticators: readonly Authenticator[];
  /** Each kind's challenge to a caller who sent nothing. */
  readonly #challenges: readonly string[];
  readonly #required: Refusal;
  readonly #ambiguous: Readonly<Record<string, string>>;
  /** What only somebody sends who means to be somebody. Cookies are sent for many reasons. */
  readonly #explicitFields: readonly string[];

  constructor(members: readonly AuthMember[], mode: AuthMode, scopes: readonly string[]) {
    this.#mode = mode;
    this.#authenticators = members.map(({ authenticator }) => authenticator);
    this.#challenges = members.map(({ challenge }) => bare(challenge, scopes));
    this.#required = refuse(401, "credentials_required", "This resource needs credentials.", {
      "www-authenticate": this.#challenges.join(", "),
    });
    this.#ambiguous = {
      "www-authenticate": members.map(({ challenge }) => withError(challenge, "invalid_request")).join(", "),
    };
    this.#explicitFields = this.#authenticators
      .filter(({ ambient }) => ambient !== true)
      .flatMap(fieldsOf)
      .filter((field) => !/^cookie$/i.test(field));
  }

  run(exchange: Exchange): MaybePromise<Refusal | undefined> {
    if (this.#mode === "none") return admitNobody(exchange);
    try {
      const { request, context } = exchange;
      const chosen = choose(this.#authenticators, request);
      if (chosen === undefined) return this.#admitsNobody(request) ? admitNobody(exchange) : this.#required;
      exchange.credentialed = true;
      if (isRefusal(chosen)) return { ...chosen, headers: this.#ambiguous };
      const member = this.#authenticators.indexOf(chosen);
      const result = chosen.authenticate(request, context);
      if (!isPromise(result)) return this.#accept(result, member, exchange);
      return Promise.resolve(result)
        .then((settled) => this.#accept(settled, member, exchange))
        .catch((error: unknown) => outage(error, exchange));
    } catch (error) {
      return outage(error, exchange);
    }
  }

  /** A credential of a kind that is not accepted is no reason to be nobody. */
  #admitsNobody(request: Request): boolean {
    return this.#mode === "optional" && !this.#explicitFields.some((field) => request.headers.has(field));
  }

  #accept(result: Identity | Refusal, member: number, exchange: Exchange): Refusal | undefined {
    if (isRefusal(result)) return this.#withOtherChallenges(result, member);
    const { method, subject } = Object(result);
    if (typeof subject !== "string" || subject === "" || typeof method !== "string" || method === "anonymous") {
      throw new TypeError("authenticate() must give an identity or a refusal");
    }
    exchange.auth = result;
    exchange.authenticatedBy = member;
    return undefined;
  }

  /** The failing kind's challenge says what was wrong; the others are there to be used instead. */
  #withOtherChallenges(refusal: Refusal, failing: number): Refusal {
    const own = refusal.headers?.["www-authenticate"];
    if (own === undefined || this.#challenges.length === 1) return refusal;
    const challenges = this.#challenges.map((challenge, index) => (index === failing ? own : challenge));
    return { ...refusal, headers: { ...refusal.headers, "www-authenticate": challenges.join(", ") } };
  }
}

/** Nobody is a value of its own for each request, since a set can be added to. */
function admitNobody(exchange: Exchange): undefined {
  exchange.auth = { method: "anonymous", subject: null, scopes: new Set<never>() };
}

/** Verification was impossible: the credential may be good, so this is no 401. A mistake of ours is no outage either. */
function outage(error: unknown, exchange: Exchange): Refusal {
  if (error instanceof ConfigError) throw error;
  exchange.emit({ type: "auth_unavailable", code: "auth_unavailable", error });
  const { retryAfterSeconds } = Object(error);
  const seconds = Number.isFinite(retryAfterSeconds) ? Math.max(1, Math.ceil(retryAfterSeconds)) : 1;
  return refuse(503, "auth_unavailable", "Credentials cannot be verified at the moment.", {
    "retry-after": String(seconds),
  });
}
