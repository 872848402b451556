import type { Exchange } from "./exchange.ts";
import { isPromise, type MaybePromise } from "./lib/maybe-promise.ts";
import { isRefusal, type Refusal } from "./problem.ts";
import type { RequestContext } from "./types.ts";

/** A check of the user's. */
export interface CheckPlan {
  readonly name: string;
  readonly check: (request: Request, context: RequestContext) => MaybePromise<unknown>;
}

/** Members of a context that mantlet and its adapters write: a fact of the same name would replace what was verified. */
export const reservedNames = [
  "requestId",
  "traceId",
  "clientIp",
  "signal",
  "waitUntil",
  "auth",
  "body",
  "query",
  "params",
  "rawBody",
  "env",
  "executionCtx",
] as const;

/** One of them. */
export type ReservedName = (typeof reservedNames)[number];

/**
 * Runs the checks, list after list: a refusal, or facts in the context. The facts of a list are added when all of it has
 * passed: its checks do not see each other's.
 */
export async function runChecks(
  lists: readonly (readonly CheckPlan[])[],
  { request, context }: Exchange,
): Promise<Refusal | undefined> {
  for (const list of lists) {
    const facts = {};
    for (const { name, check } of list) {
      const pending = check(request, context);
      const outcome = isPromise(pending) ? await pending : pending;
      if (isRefusal(outcome)) return outcome;
      if (outcome !== undefined) Object.assign(facts, factsIn(outcome, name));
    }
    Object.assign(context, facts);
  }
  return undefined;
}

/** A check that gives `false`, or a Response, means to refuse: to let it pass would be wrong. */
function factsIn(outcome: unknown, name: string): object {
  const prototype: unknown =
    typeof outcome === "object" && outcome !== null ? Object.getPrototypeOf(outcome) : undefined;
  if (typeof outcome !== "object" || outcome === null || (prototype !== Object.prototype && prototype !== null)) {
    throw new TypeError(`check "${name}" must give a plain object of facts, a refusal made by problem(), or undefined`);
  }
  for (const key of reservedNames) {
    if (Object.hasOwn(outcome, key))
      throw new TypeError(`check "${name}" gives the fact "${key}", which is a name of the context`);
  }
  return outcome;
}
