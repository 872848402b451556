import type { Exchange } from "../exchange.ts";
import type { MaybePromise } from "../lib/maybe-promise.ts";
import type { Issues } from "../lib/options.ts";
import { isToken } from "../lib/tokens.ts";
import type { Refusal } from "../problem.ts";
import type { Authenticator } from "../types.ts";
import { authenticateBy } from "./authenticate.ts";
import { type Challenge, isScope, parseChallenge } from "./challenge.ts";
import { fieldsOf } from "./choose.ts";
import { partsOf } from "./compound.ts";
import { type CallerRequirement, compileRequirement, scopesNamed } from "./requirement.ts";

/** Whether a request must, may, or need not say who it is from. */
export type AuthMode = "required" | "optional" | "none";

/** Says who is calling, in `exchange.auth`, or refuses. A bad credential is refused also where none is needed. */
export type AuthenticateStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

/** Asks what a handler asks of the verified caller. */
export type RequirementStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

/** One kind of credential that a policy accepts. */
export interface AuthMember {
  readonly authenticator: Authenticator;
  readonly challenge: Challenge;
}

/** What a policy needs of its authenticator. */
export interface AuthPlan {
  readonly name: string;
  /** The request fields that carry credentials. */
  readonly fields: readonly string[];
  /** What holds where neither a route nor a handler says otherwise. */
  readonly mode: "required" | "optional";
  /** The scopes that exist; `undefined` where they are not known. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** The steps for a handler, whose scopes the challenges name. */
  readonly stepFor: (mode: AuthMode, asked: CallerRequirement) => AuthenticateStep;
  readonly requirementFor: (asked: CallerRequirement) => RequirementStep | undefined;
}

/** Reads `auth`. Members may be inherited and further ones are its own business, so it is not read as a list of options. */
export function compileAuth(value: unknown, path: string, issues: Issues): AuthPlan | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) {
    // What it is stays unsaid: somebody may have written the secret itself here.
    issues.push({
      path,
      message: "is not an authenticator: an object with name, challenge, present and authenticate",
    });
    return undefined;
  }
  const authenticator = value as Authenticator; // compileMember looks at each of its members
  const { authenticators, isOptional } = partsOf(authenticator);
  const members = authenticators.map((part) => compileMember(part, path, issues));
  const scopes = authenticators.map((part) => part.scopes);
  const fields = [...new Set(authenticators.flatMap(fieldsOf))].filter((field) => typeof field === "string"); // others are mistakes
  return {
    name: authenticator.name,
    fields,
    mode: isOptional ? "optional" : "required",
    scopes: scopes.includes(undefined) ? undefined : new Set(scopes.flatMap((names) => names ?? [])),
    stepFor: (mode, asked) => authenticateBy(members, mode, scopesNamed(asked)),
    requirementFor: (asked) => compileRequirement(members, asked),
  };
}

const noChallenge: Challenge = { head: "", tail: "", namesScopes: false };

function compileMember(authenticator: Authenticator, path: string, issues: Issues): AuthMember {
  const { name, fields, scopes, ambient, prefix, present, authenticate } = authenticator;
  const challenge = parseChallenge(authenticator.challenge);
  const demand = (key: keyof Authenticator, isRight: boolean, expected: string): void => {
    if (!isRight) issues.push({ path: `${path}.${key}`, message: `must be ${expected}` });
  };
  const isListOf = (list: unknown, isRight: (entry: unknown) => boolean): boolean =>
    list === undefined || (Array.isArray(list) && list.every(isRight));
  demand("name", typeof name === "string" && name !== "", "a name, for describe() and events");
  demand("challenge", challenge !== undefined, `a WWW-Authenticate value such as 'Bearer realm="api"'`);
  demand(
    "fields",
    isListOf(fields, (field) => typeof field === "string" && isToken(field)),
    "a list of field names",
  );
  demand("scopes", isListOf(scopes, isScope), "a list of scopes, without spaces and quotes");
  demand("ambient", ambient === undefined || typeof ambient === "boolean", "true or false");
  if (ambient === undefined && Array.isArray(fields) && fields.some((field) => /^cookie$/i.test(field))) {
    const message = "is missing beside Cookie: say ambient: true, or ambient: false where no browser sends it";
    issues.push({ path: `${path}.ambient`, message });
  }
  demand(
    "prefix",
    prefix === undefined || (typeof prefix === "string" && prefix !== ""),
    "what credentials begin with",
  );
  demand("present", typeof present === "function", "a function that says whether the credential is there");
  demand("authenticate", typeof authenticate === "function", "a function that gives an identity or a refusal");
  return { authenticator, challenge: challenge ?? noChallenge };
}
