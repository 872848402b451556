import type { MaybePromise } from "../lib/maybe-promise.ts";
import { type Issues, Options } from "../lib/options.ts";
import { type CorsPlan, compileOrigins } from "./cors.ts";
import type { ValidOrigin } from "./cors-options.ts";
import type { CrossOriginPlan } from "./cross-origin.ts";

/** The protection of state-changing requests against other origins' pages. On by default; `"off"` leaves it to you. */
export type CrossOriginOptions<O extends string = string> =
  | "off"
  | {
      /** Origins whose pages may send state-changing requests. Default: the list of `cors`. Required beside `passthrough`. */
      readonly origins?: readonly ValidOrigin<O>[] | ((origin: string) => MaybePromise<boolean>);
      /** Also refuses requests that carry neither `Sec-Fetch-Site` nor `Origin`, which no browser of today sends. Default: false. */
      readonly strict?: boolean;
      /** `"report"` emits the event and lets pass. Default: `"enforce"`. */
      readonly mode?: "enforce" | "report";
    };

export function compileCrossOrigin(
  value: unknown,
  path: string,
  issues: Issues,
  cors: CorsPlan | undefined,
): CrossOriginPlan | undefined {
  if (value === "off") return undefined;
  const options = new Options(value === undefined ? {} : value, path, issues, "off");
  const strict = options.boolean("strict") ?? false;
  const mode = options.oneOf("mode", ["enforce", "report"]);
  const origins = readOrigins(options, cors);
  options.done();
  return { origins, strict, reportOnly: mode === "report" };
}

function readOrigins(options: Options, cors: CorsPlan | undefined): CrossOriginPlan["origins"] {
  if (options.get("origins") !== undefined) {
    const origins = compileOrigins(options, "origins", {
      credentials: true,
      allowsInsecure: false,
      allowsPublicSuffixes: false,
      mayForce: false,
    });
    if (origins === "*")
      options.refuse("origins", `"*" would protect nothing: write crossOrigin: "off" if that is meant`);
    return origins ?? "none";
  }
  if (cors === undefined) return "none";
  if (cors.origins === undefined) {
    options.refuse(
      "origins",
      `is required beside cors.passthrough: list the origins whose pages may write, or write crossOrigin: "off"`,
    );
  }
  return cors.origins === "*" ? "*" : "cors";
}
