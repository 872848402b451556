import { ConfigError } from "../config-error.ts";
import { type Issues, show } from "../lib/options.ts";
import { isRefusal } from "../problem.ts";
import type { Anonymous, Authenticator, Identity, RequestContext } from "../types.ts";
import { choose, fieldsOf, isPresent } from "./choose.ts";

/** What `anyOf()` and `optional()` made. Not in a member, which a spread would carry to where it is no longer true. */
const compounds = new WeakMap<object, Compound>();

interface Compound {
  readonly authenticators: readonly Authenticator[];
  readonly isOptional: boolean;
}

/** The authenticators in one, and whether nobody may come too. */
export function partsOf(authenticator: Authenticator): Compound {
  return compounds.get(authenticator) ?? { authenticators: [authenticator], isOptional: false };
}

/** Without what it is: somebody may have written the secret itself there. */
const notOne = "is not an authenticator";

/** The identity that an authenticator gives. */
export type IdentityOf<A> = A extends Authenticator<infer I> ? I : never;

/**
 * Accepts one of several kinds of credential. Which one is tried is decided by which is there, never by what fails: a bad
 * token is not tried as a key. Two explicit credentials are 400 `invalid_request`; an explicit one beats an ambient one.
 * What nobody in the list accepts, such as the `Authorization: Basic` of a proxy, does not count beside a credential.
 *
 * @param authenticators - At least two, each of another `name`. Several issuers of tokens belong in one `jwt()`.
 * @throws ConfigError where two have the same name, and where one is optional or itself made by `anyOf()`.
 */
export function anyOf<const A extends readonly [Authenticator, Authenticator, ...Authenticator[]]>(
  ...authenticators: A
): Authenticator<IdentityOf<A[number]>> {
  const issues: Issues = [];
  const names = authenticators.map((authenticator) => Object(authenticator).name);
  if (authenticators.length < 2) issues.push({ path: "anyOf", message: "needs at least two authenticators" });
  for (const [index, authenticator] of authenticators.entries()) {
    const path = `anyOf[${index}]`;
    if (typeof authenticator !== "object" || authenticator === null) {
      issues.push({ path, message: notOne });
    } else if (compounds.has(authenticator)) {
      issues.push({ path, message: "is a combination itself: list its parts here, and put optional() around anyOf()" });
    } else if (names.indexOf(names[index]) !== index) {
      issues.push({
        path,
        message: `${show(names[index])} is there twice: let one accept both (jwt() takes several issuers), or give your own another name`,
      });
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  const made = {
    name: names.join(" or "),
    challenge: authenticators.map(({ challenge }) => challenge).join(", "),
    fields: [...new Set(authenticators.flatMap(fieldsOf))],
    present: (request: Request): boolean => authenticators.some((authenticator) => isPresent(authenticator, request)),
    authenticate: (request: Request, context: RequestContext) => {
      const chosen = choose(authenticators, request);
      if (chosen === undefined) throw new TypeError("authenticate() is for requests of which present() says yes");
      if (isRefusal(chosen)) return chosen;
      return chosen.authenticate(request, context);
    },
  };
  compounds.set(made, { authenticators, isOptional: false });
  return made as Authenticator<IdentityOf<A[number]>>; // each gives its own identity: the list's union
}

/**
 * Lets requests without any credential pass as `Anonymous`. One with a bad credential is refused as ever, and so is one
 * that has nothing but a credential of a kind that is not accepted.
 */
export function optional<I extends Identity>(authenticator: Authenticator<I>): Authenticator<I | Anonymous> {
  if (typeof authenticator !== "object" || authenticator === null) {
    throw new ConfigError([{ path: "optional", message: notOne }]);
  }
  const { authenticators } = partsOf(authenticator as Authenticator); // I is one of the identities
  const made: Authenticator<I | Anonymous> = {
    name: `optional ${authenticator.name}`,
    challenge: authenticator.challenge,
    fields: fieldsOf(authenticator),
    present: (request) => authenticator.present(request),
    authenticate: (request, context) => authenticator.authenticate(request, context),
  };
  compounds.set(made, { authenticators, isOptional: true });
  return made;
}
