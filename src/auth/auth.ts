import type { Exchange } from "../exchange.ts";
import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, show } from "../lib/options.ts";
import { isFieldValue, isToken } from "../lib/tokens.ts";
import { isRefusal, type Refusal, refuse } from "../problem.ts";
import type { Anonymous, Authenticator, Identity, RequestContext } from "../types.ts";

/** Whether a request must, may, or need not say who it is from. */
export type AuthMode = "required" | "optional" | "none";

/** Says who is calling, in `exchange.auth`, or refuses. A bad credential is refused also where none is needed. */
export type AuthenticateStep = (
  mode: AuthMode,
  exchange: Exchange,
  context: RequestContext,
) => MaybePromise<Refusal | undefined>;

/** What a policy needs of an authenticator. */
export interface AuthPlan {
  readonly name: string;
  /** The request fields that carry the credential. */
  readonly fields: readonly string[];
  readonly authenticate: AuthenticateStep;
}

/** Nobody: a value of its own for each request, since a set can be added to. */
function nobody(): Anonymous {
  return { method: "anonymous", subject: null, scopes: new Set<never>() };
}

const unavailable = /* @__PURE__ */ refuse(503, "auth_unavailable", "Credentials cannot be verified at the moment.", {
  "retry-after": "1",
});

export function compileAuth(value: unknown, path: string, issues: Issues): AuthPlan | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) {
    issues.push({
      path,
      message: `${show(value)} is not an authenticator: an object with name, challenge, present and authenticate`,
    });
    return undefined;
  }
  // Members may be inherited and further ones are its own business, so it is not read as a list of options.
  const authenticator = value as Authenticator;
  const { name, challenge, fields = ["Authorization"], present, authenticate: verify } = authenticator;
  const demand = (key: string, isRight: boolean, expected: string): void => {
    if (!isRight) issues.push({ path: `${path}.${key}`, message: `must be ${expected}` });
  };
  demand("name", typeof name === "string" && name !== "", "a name, for describe() and events");
  demand("challenge", isFieldValue(challenge), `a WWW-Authenticate value such as 'Bearer realm="api"'`);
  demand(
    "fields",
    Array.isArray(fields) && fields.every((field) => typeof field === "string" && isToken(field)),
    "a list of field names",
  );
  demand("present", typeof present === "function", "a function that says whether the credential is there");
  demand("authenticate", typeof verify === "function", "a function that gives an identity or a refusal");
  const required = refuse(401, "credentials_required", "This resource needs credentials.", {
    "www-authenticate": challenge,
  });
  return {
    name,
    fields,
    authenticate: (mode, exchange, context) => authenticateBy(authenticator, required, mode, exchange, context),
  };
}

function authenticateBy(
  authenticator: Authenticator,
  required: Refusal,
  mode: AuthMode,
  exchange: Exchange,
  context: RequestContext,
): MaybePromise<Refusal | undefined> {
  exchange.auth = nobody();
  if (mode === "none") return undefined;
  try {
    if (!authenticator.present(exchange.request)) return mode === "optional" ? undefined : required;
    exchange.credentialed = true;
    const result = authenticator.authenticate(exchange.request, context);
    if (!isPromise(result)) return accept(result, exchange);
    return result.then((settled) => accept(settled, exchange)).catch((error: unknown) => outage(error, exchange));
  } catch (error) {
    return outage(error, exchange);
  }
}

function accept(result: Identity | Refusal, exchange: Exchange): Refusal | undefined {
  if (isRefusal(result)) return result;
  if (typeof result?.subject !== "string" || typeof result.method !== "string") {
    throw new TypeError("authenticate() must give an identity or a refusal");
  }
  exchange.auth = result;
  return undefined;
}

function outage(error: unknown, exchange: Exchange): Refusal {
  exchange.emit({ type: "auth_unavailable", code: "auth_unavailable", error, ...exchange.eventBase() });
  return unavailable;
}

const forbidden = /* @__PURE__ */ refuse(403, "forbidden", "The caller may not do this.");

/** A requirement on the verified caller, as requests need it. */
export type RequirementCheck = (auth: Identity, request: Request) => MaybePromise<boolean>;

/** Asks a handler's own requirement. Anything but `true` refuses. */
export type RequirementStep = (exchange: Exchange) => MaybePromise<Refusal | undefined>;

export function compileRequirement(check: RequirementCheck): RequirementStep {
  return (exchange) => refuseForbidden(check, exchange);
}

function refuseForbidden(check: RequirementCheck, { auth, request }: Exchange): MaybePromise<Refusal | undefined> {
  if (auth === undefined || auth.method === "anonymous") return forbidden;
  const decide = (decision: unknown): Refusal | undefined => (decision === true ? undefined : forbidden);
  const decision = check(auth as Identity, request); // not anonymous: just checked
  return isPromise(decision) ? decision.then(decide) : decide(decision);
}
