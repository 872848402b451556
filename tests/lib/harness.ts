import { expect } from "vitest";
import {
  type Authenticator,
  ConfigError,
  type ConfigIssue,
  type Identity,
  type OnEvent,
  type Policy,
  type PolicyEvent,
  policy,
  problem,
  type Requirements,
} from "../../src/index.ts";

/** A request for a path of the one host that most tests use. */
export function get(path = "/", headers: Record<string, string> = {}): Request {
  return new Request(`https://api.example.com${path}`, { headers });
}

export const ok = (): Response => Response.json({ status: "ok" });

/** Bearer tokens of the form `good-<subject>`; everything else in Authorization is a bad token. */
export const tokens: Authenticator<Identity<"token">> = {
  name: "tokens",
  challenge: 'Bearer realm="api"',
  present: (request) => request.headers.has("authorization"),
  authenticate: (request) => {
    const subject = /^Bearer good-(\w+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    return subject === undefined
      ? problem(401, "invalid_token", {
          headers: { "WWW-Authenticate": 'Bearer realm="api", error="invalid_token"' },
        })
      : { method: "token", subject, scopes: new Set() };
  },
};

export const as = (subject: string): Record<string, string> => ({ authorization: `Bearer good-${subject}` });

/** An authenticator that never gets to an answer, or gives another one than `tokens`. */
export function tokensThat(authenticate: () => never | Promise<never>): Authenticator<Identity<"token">> {
  return { ...tokens, authenticate };
}

/** Collects events. */
export function recorder(): { readonly events: PolicyEvent[]; readonly onEvent: OnEvent } {
  const events: PolicyEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}

export const silent: OnEvent = () => {};

/** Asserts that a response is a complete problem (RFC 9457) with this status and code, and gives its body. */
export async function expectProblem(
  response: Response,
  status: number,
  code: string,
): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = await response.json();
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(body.status).toBe(status);
  expect(body.title).toEqual(expect.any(String));
  expect(body.type).toEqual(expect.any(String));
  expect(body.requestId).toBe(response.headers.get("x-request-id"));
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  return body;
}

/** `policy()` for configurations that the compiler would refuse. */
export const untyped = policy as unknown as (config?: unknown) => Policy; // JavaScript callers have no types

/** The mistakes that a function finds at construction. */
export function issuesFrom(construct: () => unknown): readonly ConfigIssue[] {
  try {
    construct();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}

/** The mistakes in a configuration of `policy()`, as `path: message`. */
export function mistakesIn(config: unknown): readonly string[] {
  return issuesFrom(() => untyped(config)).map(({ path, message }) => `${path}: ${message}`);
}

/** Asserts that a configuration has exactly one mistake, at this path, whose message matches. */
export function expectMistake(config: unknown, path: string, message: RegExp): void {
  const issues = issuesFrom(() => untyped(config));
  expect(issues.map((issue) => issue.path)).toEqual([path]);
  expect(issues[0]?.message).toMatch(message);
}

/** Requirements that the compiler would refuse. */
export function untypedRequirements(value: unknown): Requirements<undefined, never, never, never> {
  return value as Requirements<undefined, never, never, never>; // JavaScript callers have no types
}

/** A promise as query builders make it: its `then` gives nothing back. */
export function thenable(settle: (give: (value: unknown) => void, fail: (error: unknown) => void) => void): unknown {
  return {
    // biome-ignore lint/suspicious/noThenProperty: this is what it is for
    then(give: (value: unknown) => void, fail: (error: unknown) => void) {
      settle(give, fail);
    },
  };
}
