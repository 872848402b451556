import type { AuthMode } from "./auth/auth.ts";
import { type CompiledContent, compileContent } from "./content/content.ts";
import { type Issues, isOptions, Options } from "./lib/options.ts";
import { compileMethods, type MethodsPlan } from "./methods.ts";
import { type CompiledLimit, compileRateLimits, type LimitPlace } from "./rate-limit/rate-limit.ts";
import { mistakeInRoutePath } from "./routes.ts";

/** What an entry of `routes` says, checked. What it does not say is `undefined`. */
export interface CompiledOverride {
  readonly path: string;
  readonly auth: Exclude<AuthMode, "required"> | undefined;
  /** In place of the policy's; empty for `"none"`. */
  readonly limits: readonly CompiledLimit[] | undefined;
  readonly content: CompiledContent | undefined;
  readonly isOpenToOtherOrigins: boolean;
  readonly servesHtml: boolean;
  readonly mayShareCache: boolean;
  readonly methods: MethodsPlan | undefined;
}

/** What the policy has that its routes change. */
export type OverriddenPolicy = Pick<LimitPlace, "hasAuth" | "store">;

/** Reads `routes`. */
export function compileOverrides(
  value: unknown,
  issues: Issues,
  policy: OverriddenPolicy,
): readonly CompiledOverride[] {
  if (value === undefined) return [];
  if (!isOptions(value)) {
    issues.push({ path: "routes", message: 'must be an object of paths, such as { "/health": { auth: "none" } }' });
    return [];
  }
  return Object.entries(value).map(([path, override]) => compileOverride(path, override, issues, policy));
}

function compileOverride(
  path: string,
  value: unknown,
  issues: Issues,
  { hasAuth, store }: OverriddenPolicy,
): CompiledOverride {
  const at = `routes["${path}"]`;
  const mistake = mistakeInRoutePath(path);
  if (mistake !== undefined) issues.push({ path: at, message: mistake });
  const options = new Options(value, at, issues);
  const auth = options.oneOf("auth", ["none", "optional"]);
  if (auth !== undefined && !hasAuth)
    options.refuse("auth", "loosens an authentication that this policy does not have: remove it");
  const crossOrigin = options.oneOf("crossOrigin", ["off"]);
  if (crossOrigin !== undefined && path.endsWith("/*")) {
    options.refuse("crossOrigin", "can be off for exact paths only: name each path that proves its senders otherwise");
  }
  const limits = options.get("rateLimit");
  const content = options.get("content");
  const methods = options.strings("methods");
  const override = {
    path,
    auth,
    limits:
      limits === undefined
        ? undefined
        : limits === "none"
          ? []
          : compileRateLimits(limits, options.path("rateLimit"), issues, {
              hasAuth,
              store,
              defaultName: path,
              instead: "none",
            }),
    content: content === undefined ? undefined : compileContent(content, options.path("content"), issues),
    isOpenToOtherOrigins: crossOrigin === "off",
    servesHtml: options.oneOf("headers", ["html"]) === "html",
    mayShareCache: options.oneOf("cache", ["shared"]) === "shared",
    methods: methods && compileMethods(methods, options.path("methods"), issues),
  };
  options.done();
  return override;
}
