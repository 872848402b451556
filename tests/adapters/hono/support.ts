import { expect } from "vitest";
import { type Authenticator, type Identity, problem } from "../../../src/index.ts";

type Scope = "admin" | "notes:read" | "notes:write";

/** Bearer tokens of the form `<subject>` or `<subject>:<scope>,<scope>` behind `good-`; it counts its calls. */
export function countingTokens(): Authenticator<Identity<"token", Scope>> & { readonly calls: () => number } {
  let calls = 0;
  return {
    name: "tokens",
    challenge: 'Bearer realm="api"',
    scopes: ["admin", "notes:read", "notes:write"],
    present: (request) => request.headers.has("authorization"),
    calls: () => calls,
    authenticate: (request) => {
      calls++;
      const [, subject, scopes = ""] =
        /^Bearer good-(\w+)(?:=(\S+))?$/.exec(request.headers.get("authorization") ?? "") ?? [];
      if (subject !== undefined) return { method: "token", subject, scopes: new Set(scopes.split(",") as Scope[]) }; // only these are sent
      const headers = { "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"' };
      return problem(401, "invalid_token", { headers });
    },
  };
}

export const as = (token: string): Record<string, string> => ({ Authorization: `Bearer good-${token}` });

/** A POST of JSON. */
export function json(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } };
}

/** The fields that every response of a policy has. */
export function expectFields({ headers }: Response): void {
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
}
