import { type Issues, show } from "./lib/options.ts";
import { isToken } from "./lib/tokens.ts";
import { type Refusal, refuse } from "./problem.ts";
import type { RequestStep } from "./steps.ts";

/** The methods that exist in one place. */
export interface MethodsPlan {
  readonly allows: (method: string) => boolean;
  readonly refusal: Refusal;
}

const detail = "This method is not allowed here.";

function refusalWith(allow: readonly string[]): Refusal {
  return refuse(405, "method_not_allowed", detail, { allow: allow.join(", ") });
}

/** The methods that an API is taken to have where nobody says. */
export const usualMethods: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Where the methods are not known: all but those that reflect or tunnel (RFC 9110 §9.3.8, §9.3.6). */
export function anyMethod(allow: readonly string[] = usualMethods): MethodsPlan {
  return { allows: (method) => method !== "TRACE" && method !== "CONNECT", refusal: refusalWith(allow) };
}

/** Refuses a method that does not exist. A preflight asks for another method than its own. */
export function refuseMethod({ allows, refusal }: MethodsPlan): RequestStep {
  return ({ isPreflight, method }) => (isPreflight || allows(method) ? undefined : refusal);
}

/** The methods of a route or of requirements; `HEAD` comes with `GET`. */
export function compileMethods(value: readonly string[], path: string, issues: Issues): MethodsPlan {
  if (value.length === 0) issues.push({ path, message: "is empty: list the methods that exist, or leave the key out" });
  for (const method of value) {
    if (!isToken(method) || /^(?:trace|connect)$/i.test(method)) {
      issues.push({ path, message: `${show(method)} is not a method that a handler may serve` });
    } else if (/^(?:get|head|post|put|patch|delete|options)$/i.test(method) && method !== method.toUpperCase()) {
      issues.push({
        path,
        message: `${show(method)} is compared byte for byte (RFC 9110 §9.1): write ${show(method.toUpperCase())}`,
      });
    }
  }
  const allowed = withHead(value);
  return { allows: (method) => allowed.has(method), refusal: refusalWith([...allowed]) };
}

function withHead(methods: readonly string[]): Set<string> {
  const all = new Set(methods);
  return all.has("GET") ? all.add("HEAD") : all;
}

/**
 * A handler for `OPTIONS` where each method of a path has a handler of its own: it names them in `Allow` (RFC 9110
 * §9.3.7). Behind a policy, preflights never come to it.
 *
 * @param methods - Those that have handlers. `HEAD` comes with `GET`.
 * @throws TypeError when one is no name of a method.
 */
export function optionsHandler(methods: readonly string[]): () => Response {
  if (!methods.every((method) => isToken(method)))
    throw new TypeError("optionsHandler() is called with names of methods");
  const allow = [...withHead(methods).add("OPTIONS")].join(", ");
  return () => new Response(null, { status: 204, headers: { allow } });
}
