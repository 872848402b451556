import { describe, expect, test } from "vitest";
import { type Authenticator, anyOf, type Identity, policy } from "../../src/index.ts";
import { expectProblem, get, issuesFrom, ok, recorder, silent } from "../lib/harness.ts";
import { fieldOf, schemeOf } from "./support.ts";

const bearer = schemeOf("Bearer", "token");
const holding = (...scopes: readonly string[]): Record<string, string> => ({
  authorization: `Bearer ann:${scopes.join(",")}`,
});

describe("scopes", () => {
  const fetch = policy({ auth: bearer, onEvent: silent })({ scopes: ["notes:read", "notes:write"] }, ok);

  test.each([
    ["all of them", ["notes:read", "notes:write"]],
    ["all of them and others", ["admin", "notes:write", "notes:read"]],
  ])("admit a caller who has %s", async (_, held) => {
    expect((await fetch(get("/", holding(...held)))).status).toBe(200);
  });

  test.each([
    ["none", []],
    ["only one of them", ["notes:read"]],
    ["one whose name begins like theirs", ["notes:read", "notes:write:all"]],
    ["one in other letters", ["notes:read", "Notes:Write"]],
  ])("refuse a caller who has %s, naming all that are needed", async (_, held) => {
    const response = await fetch(get("/", holding(...held)));
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer realm="api", error="insufficient_scope", scope="notes:read notes:write"',
    );
    await expectProblem(response, 403, "insufficient_scope");
  });

  test("are in the challenge to a caller without credentials, and no error is", async () => {
    const response = await fetch(get());
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api", scope="notes:read notes:write"');
    await expectProblem(response, 401, "credentials_required");
  });

  test("stand behind the realm where a challenge has further parameters", async () => {
    const auth = { ...bearer, challenge: 'Bearer realm="a, \\"b\\"", resource_metadata="https://api.example.com/x"' };
    const protect = policy({ auth, onEvent: silent })({ scopes: ["a"] }, ok);
    expect((await protect(get())).headers.get("www-authenticate")).toBe(
      'Bearer realm="a, \\"b\\"", scope="a", resource_metadata="https://api.example.com/x"',
    );
    expect((await protect(get("/", holding()))).headers.get("www-authenticate")).toBe(
      'Bearer realm="a, \\"b\\"", error="insufficient_scope", scope="a", resource_metadata="https://api.example.com/x"',
    );
  });

  test("are not in a challenge whose scheme has no scopes", async () => {
    const protect = policy({ auth: fieldOf("x-badge", "Badge"), onEvent: silent })({ scopes: ["a"] }, ok);
    expect((await protect(get())).headers.get("www-authenticate")).toBe('Badge realm="api", header="x-badge"');
  });

  test("refuse with the challenge of the kind of credential that was sent", async () => {
    const auth = anyOf(bearer, fieldOf("x-badge", "Badge"));
    const protect = policy({ auth, onEvent: silent })({ scopes: ["a"] }, ok);
    const response = await protect(get("/", { "x-badge": "ann" }));
    expect(response.headers.get("www-authenticate")).toBe(
      'Badge realm="api", error="insufficient_scope", scope="a", header="x-badge"',
    );
    await expectProblem(response, 403, "insufficient_scope");
  });

  test("are asked before a check, which learns of nobody who does not reach", async () => {
    const asked: string[] = [];
    const check = (auth: Identity): boolean => asked.push(auth.subject) > 0;
    const protect = policy({ auth: bearer, onEvent: silent })({ scopes: ["a"], check }, ok);
    await expectProblem(await protect(get("/", holding())), 403, "insufficient_scope");
    expect(asked).toEqual([]);
    expect((await protect(get("/", holding("a")))).status).toBe(200);
    expect(asked).toEqual(["ann"]);
  });

  test("are told of in an event", async () => {
    const { events, onEvent } = recorder();
    await policy({ auth: bearer, onEvent })({ scopes: ["a"] }, ok)(get("/", holding()));
    expect(events).toMatchObject([{ type: "refused", code: "insufficient_scope", status: 403 }]);
  });
});

describe("anyScope", () => {
  const fetch = policy({ auth: bearer, onEvent: silent })({ anyScope: ["notes:admin", "notes:write"] }, ok);

  test.each([["notes:admin"], ["notes:write"]])("admits a caller who has one of them: %s", async (scope) => {
    expect((await fetch(get("/", holding(scope)))).status).toBe(200);
  });

  test("refuses a caller who has none of them, naming all that would do", async () => {
    const response = await fetch(get("/", holding("notes:read")));
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer realm="api", error="insufficient_scope", scope="notes:admin notes:write"',
    );
    await expectProblem(response, 403, "insufficient_scope");
  });

  test("stands beside scopes: both must hold", async () => {
    const protect = policy({ auth: bearer, onEvent: silent })({ scopes: ["a"], anyScope: ["b", "c"] }, ok);
    expect((await protect(get("/", holding("a", "c")))).status).toBe(200);
    for (const held of [["a"], ["b", "c"]]) {
      const response = await protect(get("/", holding(...held)));
      expect(response.headers.get("www-authenticate")).toContain('scope="a b c"');
      await expectProblem(response, 403, "insufficient_scope");
    }
  });
});

describe("a requirement beats every route", () => {
  const routes = { "/none": { auth: "none" }, "/optional": { auth: "optional" } } as const;

  test.each([
    ["scopes", { scopes: ["a"] }],
    ["anyScope", { anyScope: ["a"] }],
  ])("%s", async (_, requirements) => {
    const protect = policy({ auth: bearer, routes, onEvent: silent })(requirements, ok);
    for (const path of ["/none", "/optional", "/"]) {
      await expectProblem(await protect(get(path)), 401, "credentials_required");
      await expectProblem(await protect(get(path, holding())), 403, "insufficient_scope");
      expect((await protect(get(path, holding("a")))).status).toBe(200);
    }
  });
});

describe("mistakes in scopes", () => {
  const asking = (requirements: object, auth: Authenticator = bearer): readonly string[] =>
    issuesFrom(() => policy({ auth })(requirements, ok)).map(({ path, message }) => `${path}: ${message}`);

  test.each(["scopes", "anyScope"])("an empty %s is refused: it would admit anybody", (key) => {
    expect(asking({ [key]: [] })).toEqual([
      `requirements.${key}: is empty, so that anybody may: name scopes, or leave it out`,
    ]);
  });

  test.each(["a b", "", 'a"b', "a\\b", "ä", "a\n"])("%j is no scope", (scope) => {
    expect(asking({ scopes: [scope] })).toEqual([expect.stringMatching(/^requirements\.scopes: .* is not a scope/)]);
  });

  test("a scope that the authenticator does not declare is refused", () => {
    const auth = { ...bearer, scopes: ["notes:read", "notes:write"] };
    expect(asking({ scopes: ["notes:raed", "notes:read"] }, auth)).toEqual([
      `requirements.scopes: "notes:raed" is not a scope of this policy's auth: write one of notes:read, notes:write`,
    ]);
  });

  test("any scope may be named where one of several authenticators declares none", () => {
    const auth = anyOf({ ...bearer, scopes: ["a"] }, fieldOf("x-badge", "Badge"));
    expect(asking({ scopes: ["b"] }, auth)).toEqual([]);
  });

  test("a policy without auth has nobody who could have scopes", () => {
    const open = (requirements: object): unknown => policy()(requirements, ok);
    for (const key of ["scopes", "anyScope"]) {
      expect(issuesFrom(() => open({ [key]: ["a"] }))).toEqual([
        { path: `requirements.${key}`, message: "needs a policy with auth: configure it, or remove this" },
      ]);
    }
  });

  test("a value that is undefined opens nothing", () => {
    expect(asking({ scopes: undefined })).toEqual([expect.stringContaining("requirements.scopes: is undefined")]);
  });
});
