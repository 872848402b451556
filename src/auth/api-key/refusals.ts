import { type Refusal, refuse } from "../../problem.ts";
import { bare, type Challenge, withError } from "../challenge.ts";
import type { FormMistake } from "./key-format.ts";

/** The answers to bad keys, which depend on how they were sent. */
export interface Refusals extends Readonly<Record<FormMistake, Refusal>> {
  readonly unknown: Refusal;
  readonly expired: Refusal;
  /** More than one key, or an `Authorization` that holds something else besides. */
  readonly notOne: Refusal;
}

/**
 * All texts are constants: nothing of a key is in them.
 *
 * @param error - The `error` of a 401, for schemes that know one (RFC 6750 §3.1).
 */
export function refusalsOf(challenge: Challenge, error: "invalid_token" | undefined): Refusals {
  const field = (description: string): Record<string, string> => ({
    "www-authenticate": error === undefined ? bare(challenge, []) : withError(challenge, error, description),
  });
  const invalid = (reason: string): Refusal =>
    refuse(401, "invalid_api_key", "The API key is invalid.", field("The API key is invalid"), undefined, reason);
  const malformedRequest = { "www-authenticate": withError(challenge, "invalid_request") };
  return {
    malformed: invalid("malformed"),
    bad_checksum: invalid("bad_checksum"),
    unknown: invalid("unknown_key"),
    expired: refuse(401, "api_key_expired", "The API key expired.", field("The API key expired")),
    notOne: refuse(400, "invalid_request", "Send exactly one API key, in one field.", malformedRequest),
  };
}
