import type { AnySchema, SchemaResult } from "../../content/standard-schema.ts";
import { andThen, type MaybePromise } from "../../lib/maybe-promise.ts";
import type { IsForUs } from "./audience.ts";
import { freezeData, withoutPrototype } from "./freeze.ts";
import type { Candidate } from "./gate.ts";
import { type JwtIdentity, makeIdentity } from "./identity.ts";
import type { Reason } from "./reasons.ts";
import type { ScopesPlan } from "./scopes.ts";
import { refuseTimes, type TimeRules } from "./times.ts";

/** What is asked of the claims of a token whose signature is good. */
export interface ClaimRules {
  readonly isForUs: IsForUs;
  readonly times: TimeRules;
  readonly schema: AnySchema | undefined;
  readonly scopes: ScopesPlan;
}

/** Who the token is about, or what is wrong with its claims. */
export function identify(
  candidate: Candidate,
  rules: ClaimRules,
  nowSeconds: number,
): MaybePromise<JwtIdentity<unknown> | Reason> {
  const { claims, issuer, times } = candidate;
  const { sub: subject, cnf } = claims;
  if (typeof subject !== "string" || subject === "") return "missing_subject";
  if (!rules.isForUs(claims)) return "wrong_audience";
  // It is bound to a key that the sender would have to prove (RFC 7800 §3.1): as a bearer token it may be stolen.
  if (cnf !== undefined) return "sender_constrained";
  const untimely = refuseTimes(times, rules.times, nowSeconds);
  if (untimely !== undefined) return untimely;
  const inToken = rules.scopes.ofToken(claims);
  if (inToken === undefined) return "malformed_scopes";
  const finish = (result: SchemaResult<unknown>): JwtIdentity<unknown> | Reason => {
    if (result.issues !== undefined) return "claims_refused";
    const given = withoutPrototype(result.value);
    freezeData(given);
    const scopes = onlyKnown(rules.scopes.ofGiven?.(given) ?? inToken, rules.scopes.known);
    return makeIdentity({ subject, issuer, scopes, claims: given });
  };
  // Last, for some schemas change what they get.
  const result = rules.schema === undefined ? { value: claims } : rules.schema["~standard"].validate(claims);
  return andThen(result, finish);
}

function onlyKnown(names: readonly string[], known: readonly string[] | undefined): readonly string[] {
  return known === undefined ? names : names.filter((name) => known.includes(name));
}
