import type { Exchange } from "./exchange.ts";
import type { Step } from "./lib/maybe-promise.ts";

/** What one concern does with a request before the handler: it answers, or lets the request pass. */
export type RequestStep = Step<Exchange>;

/** The steps of every concern; `undefined` where a policy, or a path, has no use for one. */
export interface Steps {
  readonly judgeOrigin: RequestStep | undefined;
  readonly requireHttps: RequestStep | undefined;
  readonly refuseMethod: RequestStep | undefined;
  readonly answerPreflight: RequestStep | undefined;
  readonly refuseCrossOrigin: RequestStep | undefined;
  readonly checkFields: RequestStep | undefined;
  readonly limitByAddress: RequestStep | undefined;
  readonly authenticate: RequestStep | undefined;
  readonly limitByIdentity: RequestStep | undefined;
  readonly askOfCaller: RequestStep | undefined;
  readonly runChecks: RequestStep | undefined;
  readonly takeInputs: RequestStep | undefined;
}

/**
 * The steps that are needed, in the one order that is safe. Whichever answers first ends them; none goes back. Before
 * them the request has its id, and its path has chosen them; after them comes the handler.
 */
export function inOrder(steps: Partial<Steps>): readonly RequestStep[] {
  const all = [
    steps.judgeOrigin, // every later answer, refusals included, says whether the origin may read it
    steps.requireHttps, // 2 ...
    steps.refuseMethod, // ... and whether the method exists
    steps.answerPreflight, // 3 no credentials, no quota, no body
    steps.refuseCrossOrigin, // 4
    steps.checkFields, // 5 what the fields say of the content
    steps.limitByAddress, // 6 shields what follows
    steps.authenticate, // 7
    steps.limitByIdentity, // 8 an unverified key must never choose a bucket
    steps.askOfCaller, // 9 what the handler asks of the caller ...
    steps.runChecks, // ... then the policy's own checks
    steps.takeInputs, // 10 the body counted and read; params, query and body by their schemas
  ];
  return all.filter((step) => step !== undefined);
}
