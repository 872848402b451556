import type { Exchange } from "../exchange.ts";
import { andThen, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Options, show } from "../lib/options.ts";
import { type Refusal, refuse } from "../problem.ts";
import type { Identity } from "../types.ts";
import type { AuthMember, RequirementStep } from "./auth.ts";
import { insufficientScope, isScope } from "./challenge.ts";

/** Whether a verified caller may. */
export type CallerCheck = (auth: Identity, request: Request) => MaybePromise<boolean>;

/** What a handler asks of its callers. */
export interface CallerRequirement {
  /** All of them. */
  readonly scopes: readonly string[];
  /** One of them; empty where any will do. */
  readonly anyScope: readonly string[];
  readonly check: CallerCheck | undefined;
}

/** Reads `scopes`, `anyScope` and `check` of a handler's requirements. */
export function readCallerRequirement(options: Options, known: ReadonlySet<string> | undefined): CallerRequirement {
  return {
    scopes: readScopes(options, "scopes", known),
    anyScope: readScopes(options, "anyScope", known),
    check: options.function<CallerCheck>("check"),
  };
}

function readScopes(options: Options, key: string, known: ReadonlySet<string> | undefined): readonly string[] {
  const scopes = options.strings(key);
  if (scopes === undefined) return [];
  if (scopes.length === 0) options.refuse(key, "is empty, so that anybody may: name scopes, or leave it out");
  for (const scope of new Set(scopes)) {
    if (!isScope(scope))
      options.refuse(key, `${show(scope)} is not a scope: they have no spaces, quotes and backslashes`);
    else if (known?.has(scope) === false)
      options.refuse(key, `${show(scope)} is not a scope of this policy's auth: write one of ${[...known].join(", ")}`);
  }
  return [...new Set(scopes)];
}

/** The scopes that a challenge names. */
export function scopesNamed({ scopes, anyScope }: CallerRequirement): readonly string[] {
  return [...new Set([...scopes, ...anyScope])];
}

const forbidden = /* @__PURE__ */ refuse(403, "forbidden", "The caller may not do this.");

/** The step that asks; `undefined` where nothing is asked. Only a verified caller ever comes to it. */
export function compileRequirement(
  members: readonly AuthMember[],
  asked: CallerRequirement,
): RequirementStep | undefined {
  const { scopes, anyScope, check } = asked;
  const named = scopesNamed(asked);
  if (named.length === 0 && check === undefined) return undefined;
  const refusals = members.map(({ challenge }) =>
    refuse(403, "insufficient_scope", "The credential does not reach far enough.", {
      "www-authenticate": insufficientScope(challenge, named),
    }),
  );
  const reaches = (held: ReadonlySet<string>): boolean =>
    scopes.every((scope) => held.has(scope)) && (anyScope.length === 0 || anyScope.some((scope) => held.has(scope)));
  return (exchange) => {
    const { auth, authenticatedBy } = exchange;
    if (auth === undefined || auth.method === "anonymous") return forbidden;
    if (named.length > 0 && !reaches(auth.scopes)) return refusals[authenticatedBy] ?? forbidden;
    return check === undefined ? undefined : ask(check, auth as Identity, exchange); // not anonymous: just checked
  };
}

/** Anything but `true` refuses. */
function ask(check: CallerCheck, auth: Identity, { request }: Exchange): MaybePromise<Refusal | undefined> {
  const decide = (decision: unknown): Refusal | undefined => (decision === true ? undefined : forbidden);
  return andThen(check(auth, request), decide);
}
