import { type ProblemCode, type Refusal, refuse } from "../../problem.ts";
import { type Challenge, withError } from "../challenge.ts";

/** Why a token is not accepted: for events alone, except where the answer has a code of its own. */
export type Reason =
  | "token_too_long"
  | "malformed_token"
  | "malformed_header"
  | "algorithm_not_allowed"
  | "critical_extension"
  | "wrong_type"
  | "malformed_kid"
  | "malformed_claims"
  | "wrong_issuer"
  | "missing_expiry"
  | "malformed_time"
  | "expired"
  | "unknown_kid"
  | "bad_signature"
  | "missing_subject"
  | "wrong_audience"
  | "sender_constrained"
  | "lifetime_too_long"
  | "not_yet_valid"
  | "issued_in_future"
  | "malformed_scopes"
  | "claims_refused";

/** The refusals of one authenticator. Their texts are constants: nothing of a token is in them. */
export interface JwtRefusals {
  /** `Authorization: Bearer` without exactly one well-formed credential (RFC 6750 §3.1). */
  readonly malformed: Refusal;
  /** The token is in the query. */
  readonly inQuery: Refusal;
  /** The token is not accepted. */
  readonly because: (reason: Reason) => Refusal;
}

/** Makes the refusals. */
export function refusalsWith(challenge: Challenge): JwtRefusals {
  const authenticate = (error: string, description?: string): Readonly<Record<string, string>> => ({
    "www-authenticate": withError(challenge, error, description),
  });
  const request = authenticate("invalid_request");
  const invalid = authenticate("invalid_token", "The access token is invalid");
  const expired = authenticate("invalid_token", "The access token expired");
  const early = authenticate("invalid_token", "The access token is not valid yet");
  const because = (reason: Reason): Refusal => {
    const say = (code: ProblemCode, detail: string, headers: Readonly<Record<string, string>>): Refusal =>
      refuse(401, code, detail, headers, undefined, reason);
    if (reason === "expired") return say("token_expired", "The access token expired.", expired);
    if (reason === "not_yet_valid" || reason === "issued_in_future")
      return say("token_not_yet_valid", "The access token is not valid yet.", early);
    return say("invalid_token", "The access token is invalid.", invalid);
  };
  return {
    malformed: refuse(400, "invalid_request", "Send one access token, as Authorization: Bearer <token>.", request),
    inQuery: refuse(400, "token_in_query", "Send the access token in Authorization, not in the URL.", request),
    because,
  };
}
