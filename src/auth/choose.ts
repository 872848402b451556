import { ConfigError } from "../config-error.ts";
import { disown, isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Refusal, refuse } from "../problem.ts";
import type { Authenticator } from "../types.ts";
import { bearerCredential, hasTokenInQuery } from "./bearer.ts";

const ambiguous = /* @__PURE__ */ refuse(400, "invalid_request", "More than one credential was sent: send one.");

/** The fields in which an authenticator looks. */
export function fieldsOf({ fields = ["Authorization"] }: Pick<Authenticator, "fields">): readonly string[] {
  return fields;
}

/** Whether a credential is there. A promise would say yes to everybody, and end the process where it rejects. */
export function isPresent(authenticator: Authenticator, request: Request): boolean {
  const answer = authenticator.present(request) as MaybePromise<boolean>; // JavaScript lets it be asynchronous
  if (!isPromise(answer)) return answer;
  disown(answer);
  throw new ConfigError([{ path: "auth.present", message: "must give no promise" }]);
}

/**
 * The authenticator whose credential a request carries: `undefined` where it carries none, a refusal where it carries two
 * and nobody can tell which one the client means.
 */
export function choose(
  authenticators: readonly Authenticator[],
  request: Request,
): Authenticator | Refusal | undefined {
  let only: Authenticator | undefined;
  for (const authenticator of authenticators) {
    if (!isPresent(authenticator, request)) continue;
    if (only !== undefined) return chooseAmong(authenticators, request);
    only = authenticator;
  }
  return only;
}

/** Of several credentials; a request with one, or none, makes no list of them. */
function chooseAmong(authenticators: readonly Authenticator[], request: Request): Authenticator | Refusal | undefined {
  const present = authenticators.filter((authenticator) => isPresent(authenticator, request));
  const explicit = present.filter(({ ambient }) => ambient !== true);
  if (explicit.length === 0) return present[0]; // no client could leave one of them out
  const claiming = explicit.length > 1 ? withoutMisreaders(explicit, request) : explicit;
  return claiming.length === 1 ? claiming[0] : ambiguous;
}

/** One credential that two claim is not two: where one knows it by its beginning, the others misread it. */
function withoutMisreaders(present: readonly Authenticator[], request: Request): readonly Authenticator[] {
  if (hasTokenInQuery(request)) return present;
  const credential = bearerCredential(request) ?? "";
  const owns = ({ prefix }: Authenticator): boolean => prefix !== undefined && credential.startsWith(prefix);
  if (!present.some(owns)) return present;
  const reads = (authenticator: Authenticator): boolean =>
    fieldsOf(authenticator).some((field) => /^authorization$/i.test(field));
  return present.filter((authenticator) => owns(authenticator) || !reads(authenticator));
}
