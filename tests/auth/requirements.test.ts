import { describe, expect, test } from "vitest";
import { type Authenticator, anyOf, policy } from "../../src/index.ts";
import {
  as,
  expectMistake,
  expectProblem,
  get,
  issuesFrom,
  ok,
  recorder,
  tokens,
  untypedRequirements,
} from "../lib/harness.ts";

describe("check", () => {
  test("true lets the verified caller pass, and gets the identity and the request", async () => {
    const seen: unknown[] = [];
    const fetch = policy({ auth: tokens })(
      {
        check: (auth, request) => {
          seen.push(auth.subject, new URL(request.url).pathname);
          return true;
        },
      },
      ok,
    );
    expect((await fetch(get("/x", as("ann")))).status).toBe(200);
    expect(seen).toEqual(["ann", "/x"]);
  });

  test.each<readonly [string, () => unknown]>([
    ["false", () => false],
    ["a promise of false", async () => false],
    ["undefined", () => undefined],
    ["1", () => 1],
    ["a promise of a truthy string", async () => "yes"],
    ["a Response", ok],
  ])("%s is 403 forbidden, without a challenge", async (_name, check) => {
    const { events, onEvent } = recorder();
    let calls = 0;
    const fetch = policy({ auth: tokens, onEvent })({ check: check as () => boolean }, () => {
      calls++;
      return ok();
    });
    const response = await fetch(get("/", as("ann")));
    await expectProblem(response, 403, "forbidden");
    expect(response.headers.get("www-authenticate")).toBeNull();
    expect(calls).toBe(0);
    expect(events).toMatchObject([{ type: "refused", code: "forbidden", status: 403 }]);
  });

  test.each<readonly [string, () => Promise<boolean>]>([
    [
      "throws",
      () => {
        throw new Error("canary");
      },
    ],
    ["rejects", () => Promise.reject(new Error("canary"))],
  ])("that %s is a 500 and an event", async (_name, check) => {
    const { events, onEvent } = recorder();
    const response = await policy({ auth: tokens, onEvent })({ check }, ok)(get("/", as("ann")));
    expect(await response.clone().text()).not.toContain("canary");
    await expectProblem(response, 500, "internal_error");
    expect(events).toMatchObject([{ type: "handler_error", error: new Error("canary") }]);
  });

  test("is never asked about nobody", async () => {
    let asked = 0;
    const api = policy({ auth: tokens, routes: { "/open": { auth: "none" } } });
    const check = (): boolean => {
      asked++;
      return true;
    };
    await expectProblem(await api({ check }, ok)(get("/open")), 401, "credentials_required");
    expect(asked).toBe(0);
  });
});

test.each([
  [{ auth: "optional" }, "auth", /one of "required"/],
  [{ auth: "none" }, "auth", /one of "required"/],
  [{ auth: undefined }, "auth", /is undefined/],
  [{ check: true }, "check", /a function/],
  [{ check: undefined }, "check", /is undefined/],
  [{ scope: ["a"] }, "scope", /unknown option/],
  [{ rateLimit: undefined }, "rateLimit", /is undefined/],
  [{ rateLimit: { limit: 1, windowSeconds: 1 } }, "rateLimit.name", /is missing/],
])("refuses the requirements %j", (requirements, key, message) => {
  const api = policy({ auth: tokens });
  const issues = issuesFrom(() => api(untypedRequirements(requirements) as object, ok));
  expect(issues.map(({ path }) => path)).toEqual([`requirements.${key}`]);
  expect(issues[0]?.message).toMatch(message);
});

test.each([{ auth: "required" }, { check: () => true }])("refuses %j where the policy has no auth", (requirements) => {
  const issues = issuesFrom(() => policy()(untypedRequirements(requirements), ok));
  expect(issues.map(({ message }) => message)).toEqual([expect.stringMatching(/needs a policy with auth/)]);
});

test.each([undefined, null, "x", []])("refuses requirements that are %j", (requirements) => {
  expect(issuesFrom(() => policy()(untypedRequirements(requirements), ok))).toHaveLength(1);
});

test("refuses to be called without a handler", () => {
  const call = policy() as unknown as (...args: readonly unknown[]) => unknown; // JavaScript callers have no types
  expect(() => call({})).toThrow(/handler/);
  expect(() => call({}, "x")).toThrow(/handler/);
});

test.each([
  [{ name: "" }, "auth.name"],
  [{ name: undefined }, "auth.name"],
  [{ challenge: "" }, "auth.challenge"],
  [{ challenge: "Bearer\r\nSet-Cookie: a=1" }, "auth.challenge"],
  [{ challenge: undefined }, "auth.challenge"],
  [{ fields: "Authorization" }, "auth.fields"],
  [{ fields: ["a b"] }, "auth.fields"],
  [{ present: true }, "auth.present"],
  [{ present: undefined }, "auth.present"],
  [{ authenticate: undefined }, "auth.authenticate"],
])("refuses an authenticator with %j", (change, path) => {
  expectMistake({ auth: { ...tokens, ...change } }, path, /must be/);
});

const unsaid = "is missing beside Cookie: say ambient: true, or ambient: false where no browser sends it";

test.each([["Cookie"], ["cookie"], ["X-API-Key", "COOKIE"]])("must say whether browsers send %j, %j", (...fields) => {
  const issues = issuesFrom(() => policy({ auth: { ...tokens, fields } }));
  expect(issues).toEqual([{ path: "auth.ambient", message: unsaid }]);
  for (const ambient of [true, false]) policy({ auth: { ...tokens, fields, ambient } });
  policy({ auth: { ...tokens, fields: fields.map((field) => `X-${field}`) } });
});

test("must say it also as one of several", () => {
  const cookies: Authenticator = { ...tokens, name: "session", fields: ["Cookie"] };
  expectMistake({ auth: anyOf(tokens, cookies) }, "auth.ambient", /beside Cookie/);
});

test.each([null, "jwt", 7, true, () => true])("refuses auth: %j", (auth) => {
  expectMistake({ auth }, "auth", /not an authenticator/);
});

test("an authenticator may be an instance of a class", async () => {
  class Tokens {
    readonly name = "tokens";
    readonly challenge = "Bearer";
    readonly #good = "Bearer good-ann";
    present(request: Request): boolean {
      return request.headers.has("authorization");
    }
    authenticate(request: Request): { method: string; subject: string; scopes: Set<string> } {
      if (request.headers.get("authorization") !== this.#good) throw new Error("unexpected");
      return { method: "token", subject: "ann", scopes: new Set() };
    }
  }
  expect((await policy({ auth: new Tokens() })(ok)(get("/", as("ann")))).status).toBe(200);
});
