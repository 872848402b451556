import { describe, expect, test } from "vitest";
import { anyOf, optional, policy } from "../../src/index.ts";
import { expectProblem, get, issuesFrom, silent } from "../lib/harness.ts";
import { fieldOf, schemeOf, whoami } from "./support.ts";

const bearer = schemeOf("Bearer", "token");
const key = fieldOf("x-api-key", "key");
const session = fieldOf("cookie", "session", {
  ambient: true,
  present: (request) => /(?:^|; )sid=/.test(request.headers.get("cookie") ?? ""),
});
const anonymous = { method: "anonymous", subject: null };

describe("optional(authenticator)", () => {
  const fetch = policy({ auth: optional(anyOf(bearer, key)), onEvent: silent })(whoami);

  test("a request without a credential is anonymous", async () => {
    expect(await (await fetch(get())).json()).toEqual(anonymous);
  });

  test("a good credential is verified", async () => {
    expect(await (await fetch(get("/", { authorization: "Bearer ann" }))).json()).toMatchObject({ subject: "ann" });
  });

  test.each([
    ["a bad token", { authorization: "Bearer bad" }, 401, "invalid_token"],
    ["a bad key", { "x-api-key": "bad" }, 401, "invalid_token"],
    ["an empty key", { "x-api-key": "" }, 401, "invalid_token"],
    ["a scheme that is not accepted", { authorization: "Basic YTpi" }, 401, "credentials_required"],
    ["an Authorization that says nothing", { authorization: "" }, 401, "credentials_required"],
    ["two credentials", { authorization: "Bearer ann", "x-api-key": "bob" }, 400, "invalid_request"],
  ])("%s is never anonymous", async (_, headers, status, code) => {
    const response = await fetch(get("/", headers));
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm="api".*, key realm="api"/);
    await expectProblem(response, status, code);
  });

  test("a proxy's Authorization takes nothing from a good credential, wherever one is needed or not", async () => {
    const both = { "x-api-key": "bob", authorization: "Basic YTpi" };
    for (const auth of [anyOf(bearer, key), optional(anyOf(bearer, key)), key, optional(key)]) {
      const protect = policy({ auth, onEvent: silent })(whoami);
      expect(await (await protect(get("/", both))).json()).toEqual({ method: "key", subject: "bob" });
      await expectProblem(await protect(get("/", { ...both, "x-api-key": "bad" })), 401, "invalid_token");
    }
  });

  test("a handler may still require somebody", async () => {
    const api = policy({ auth: optional(bearer), onEvent: silent });
    for (const requirements of [{ auth: "required" as const }, { scopes: ["a"] }, { check: () => true }]) {
      await expectProblem(await api(requirements, whoami)(get()), 401, "credentials_required");
    }
  });

  test("a route may still be none of its business", async () => {
    const api = policy({ auth: optional(bearer), routes: { "/open": { auth: "none" } }, onEvent: silent });
    expect(await (await api(whoami)(get("/open", { authorization: "Bearer bad" }))).json()).toEqual(anonymous);
  });

  test("cookies that belong to others are no credential", async () => {
    const protect = policy({ auth: optional(session), onEvent: silent })(whoami);
    expect(await (await protect(get("/", { cookie: "theme=dark" }))).json()).toEqual(anonymous);
    expect(await (await protect(get("/", { cookie: "sid=ann" }))).json()).toMatchObject({ method: "session" });
  });

  test("and neither are they where no browser sends the one that is", async () => {
    const protect = policy({ auth: optional({ ...session, ambient: false }), onEvent: silent })(whoami);
    expect(await (await protect(get("/", { cookie: "theme=dark" }))).json()).toEqual(anonymous);
    expect(await (await protect(get("/", { cookie: "sid=ann" }))).json()).toMatchObject({ method: "session" });
  });
});

test('the same holds for a route with auth: "optional"', async () => {
  const protect = policy({ auth: bearer, routes: { "/feed": { auth: "optional" } }, onEvent: silent })(whoami);
  expect(await (await protect(get("/feed"))).json()).toEqual(anonymous);
  await expectProblem(await protect(get("/feed", { authorization: "Basic YTpi" })), 401, "credentials_required");
});

test("a spread of it is no longer optional, for it may verify otherwise", async () => {
  const protect = policy({ auth: { ...optional(bearer) }, onEvent: silent })(whoami);
  await expectProblem(await protect(get()), 401, "credentials_required");
});

test("with() may make a policy's authentication optional", async () => {
  const api = policy({ auth: bearer, onEvent: silent });
  await expectProblem(await api(whoami)(get()), 401, "credentials_required");
  expect(await (await api.with({ auth: optional(bearer) })(whoami)(get())).json()).toEqual(anonymous);
});

test("what is no authenticator cannot be optional", () => {
  const untyped = optional as unknown as (value: unknown) => unknown; // JavaScript callers have no types
  for (const value of [undefined, "a text, which may be a secret"])
    expect(issuesFrom(() => untyped(value))).toEqual([{ path: "optional", message: "is not an authenticator" }]);
});
