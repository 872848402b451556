import type { Authenticator, Identity, Refusal } from "../../../src/index.ts";
import type { AuthenticatorExample } from "../../../src/testing.ts";

/** What the suite is not told by types. */
export type Change = (example: AuthenticatorExample) => object;
export type Answer = Identity | Refusal;

/** An authenticator of which some members are others. */
export const having =
  (members: (authenticator: Authenticator) => object): Change =>
  ({ authenticator }) => ({ authenticator: { ...authenticator, ...members(authenticator) } });

/** An authenticator that changes its answers. */
export const answering = (change: (answer: Answer, request: Request) => unknown): Change =>
  having(({ authenticate }) => ({
    authenticate: async (...args: Parameters<typeof authenticate>) => change(await authenticate(...args), args[0]),
  }));

/** One that changes what it says of good credentials, or of bad ones. */
export const identifying = (change: (identity: Identity, request: Request) => unknown): Change =>
  answering((answer, request) => ("status" in answer ? answer : change(answer, request)));
export const refusing = (change: (refusal: Refusal, request: Request) => unknown): Change =>
  answering((answer, request) => ("status" in answer ? change(answer, request) : answer));

/** What is wrong, and what the suite must say of it. */
export type Broken = readonly [what: string, change: Change, finding: RegExp];
