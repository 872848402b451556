import { jwt } from "../../../src/auth/jwt/jwt.ts";
import type { JwtKeyOptions } from "../../../src/auth/jwt/options.ts";
import { issuesFrom } from "../../lib/harness.ts";

type Jwks = JwtKeyOptions<undefined, string>["jwks"];

/** The mistakes in the keys of a `jwt()`, as `path: message`. */
export function mistakesIn(jwks: unknown, more: Readonly<Record<string, unknown>> = {}): readonly string[] {
  const options = { issuer: "https://id.example.com/", audience: "api", jwks: jwks as Jwks, ...more }; // JavaScript callers have no types
  return issuesFrom(() => jwt(options)).map(({ path, message }) => `${path}: ${message}`);
}
