import type { Exchange } from "./exchange.ts";
import { disown } from "./lib/maybe-promise.ts";
import type { Options } from "./lib/options.ts";
import { isFieldValue } from "./lib/tokens.ts";
import type { Problem } from "./problem.ts";

/** A body as `renderProblem` gives it. */
export interface RenderedProblem {
  /** The media type, for example `application/json`. */
  readonly contentType: string;
  /** The text of the body. */
  readonly body: string;
}

/**
 * Emits problems in another shape than RFC 9457. Status and fields stay mantlet's. Where it throws, or gives anything else
 * than two texts, the standard body goes out, and a `handler_error` event says so.
 */
export type RenderProblem = (problem: Problem, request: Request) => RenderedProblem;

/** The body of a problem in the user's shape; `undefined` where that failed. */
export type Render = (problem: Problem, exchange: Pick<Exchange, "request" | "fail">) => RenderedProblem | undefined;

/** Reads `renderProblem`. */
export function compileRender(options: Options): Render | undefined {
  const render = options.function<RenderProblem>("renderProblem");
  if (render === undefined) return undefined;
  return (problem, exchange) => {
    try {
      const rendered = render(problem, exchange.request);
      const { contentType, body } = Object(rendered);
      if (isFieldValue(contentType) && typeof body === "string") return { contentType, body };
      disown(rendered);
      throw new TypeError("renderProblem must give { contentType, body } at once, both texts that can be sent");
    } catch (error) {
      exchange.fail(error); // the standard body goes out: a broken renderer must not hide the refusal
      return undefined;
    }
  };
}
