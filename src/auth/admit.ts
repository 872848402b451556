import type { Exchange } from "../exchange.ts";
import { andThen, type MaybePromise } from "../lib/maybe-promise.ts";
import type { Refusal } from "../problem.ts";
import type { RequestStep } from "../steps.ts";
import { tell } from "../tell.ts";
import type { AuthenticateStep } from "./auth.ts";

/**
 * The step that has a caller authenticated: the identity in the context, or the failure counted.
 *
 * @param noteFailure - Counts what may be a guess.
 */
export function admit(
  authenticate: AuthenticateStep,
  noteFailure: ((exchange: Exchange) => MaybePromise<void>) | undefined,
): RequestStep {
  const settle = (refusal: Refusal | undefined, exchange: Exchange): MaybePromise<Refusal | undefined> => {
    if (refusal === undefined) {
      Object.assign(exchange.context, { auth: exchange.auth });
      return undefined;
    }
    tell(refusal, exchange);
    return isGuess(refusal) ? andThen(noteFailure?.(exchange), () => refusal) : refusal;
  };
  return (exchange) => andThen(authenticate(exchange), (refusal) => settle(refusal, exchange));
}

/** A wrong credential may be a guess; one that is missing, has expired or is early is none. */
function isGuess({ status, code }: Refusal): boolean {
  return status === 401 && !/^credentials_required$|_expired$|_not_yet_valid$/.test(code);
}
