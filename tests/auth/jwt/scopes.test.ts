import { describe, expect, test } from "vitest";
import { z } from "zod";
import { frozenScopes } from "../../../src/auth/frozen-scopes.ts";
import { policy } from "../../../src/index.ts";
import { type JwtSecretOptions, jwt } from "../../../src/jwt.ts";
import { expectProblem, silent } from "../../lib/harness.ts";
import { around, claims, expectAccepted, expectRefused, options, request, token } from "./support.ts";

type ScopesFrom = JwtSecretOptions<undefined, string>["scopesFrom"];

async function scopesOf(changes: Record<string, unknown>, scopesFrom?: ScopesFrom): Promise<unknown> {
  const by = around(scopesFrom === undefined ? options : { ...options, scopesFrom });
  return (await expectAccepted(await token(claims({ scope: undefined, ...changes })), by)).scopes;
}

describe("scopes are read from text and from lists", () => {
  test.each<readonly [string, Record<string, unknown>, ScopesFrom, readonly string[]]>([
    ["scope", { scope: "a b" }, undefined, ["a", "b"]],
    ["scope as a list", { scope: ["a", "b"] }, undefined, ["a", "b"]],
    ["scope with more spaces", { scope: "  a  b " }, undefined, ["a", "b"]],
    ["scope twice", { scope: "a a" }, undefined, ["a"]],
    ["an empty scope", { scope: "" }, undefined, []],
    ["no scope", {}, undefined, []],
    ["scp, which is not asked for", { scp: "a" }, undefined, []],
    ["scp (Entra ID)", { scp: "a b", scope: "c" }, "scp", ["a", "b"]],
    ["scp as a list (Okta)", { scp: ["a", "b"] }, "scp", ["a", "b"]],
    ["permissions (Auth0)", { permissions: ["read:notes"] }, "permissions", ["read:notes"]],
    ["roles", { roles: ["Global Admin", "user"] }, "roles", ["Global Admin", "user"]],
    ["a function", { scope: "c", realm_access: { roles: ["a"] } }, ({ sub }) => [`${sub}:a`], ["ann:a"]],
    ["a function that gives a set", {}, () => new Set(["a"]), ["a"]],
  ])("%s", async (_name, changes, scopesFrom, expected) => {
    expect(await scopesOf(changes, scopesFrom)).toEqual(expected);
  });

  test("a claim that objects have by birth is no scope", async () => {
    expect(await scopesOf({ constructor: "a" })).toEqual([]);
  });
});

describe("what is neither text nor a list of texts is refused", () => {
  test.each([[1], [null], [true], [{}], [["a", 1]], [[["a"]]], ["a\u0000"], ["a\tb"], ["a\nb"], ['a"b'], ["é"]])(
    "scope: %j",
    async (scope) => {
      await expectRefused(await token(claims({ scope })), "malformed_scopes");
    },
  );
});

describe("a function", () => {
  test("gets what the schema gave", async () => {
    const schema = z.object({ roles: z.array(z.string()) });
    const auth = jwt({ ...options, claims: schema, scopesFrom: ({ roles }) => roles.map((role) => `role:${role}`) });
    const body = await expectAccepted(await token(claims({ roles: ["admin"] })), around(auth));
    expect(body.scopes).toEqual(["role:admin"]);
  });

  test.each<readonly [string, () => Iterable<string>]>([
    [
      "that throws",
      () => {
        throw new Error("no such role");
      },
    ],
    ["that gives a text, which is a list of letters too", () => "notes:read"],
    ["that gives no texts", () => [1] as unknown as string[]],
    ["that gives nothing", () => undefined as unknown as string[]],
  ])("%s is a fault that lets nobody in", async (_name, scopesFrom) => {
    const by = around({ ...options, scopesFrom });
    const response = await by.fetch(request(`Bearer ${await token()}`));
    await expectProblem(response, 503, "auth_unavailable");
    expect(by.events.map(({ type }) => type)).toEqual(["auth_unavailable"]);
  });
});

describe("declared scopes", () => {
  const auth = jwt({
    ...options,
    scopes: ["notes:read", "notes:write"],
    resourceMetadata: "https://api.example.com/r",
  });
  const api = policy({ auth, onEvent: silent });

  test("are those that handlers may ask for", () => {
    // @ts-expect-error not declared
    expect(() => api({ scopes: ["notes:delete"] }, () => new Response())).toThrow("requirements.scopes");
  });

  test("are those that an identity has: others of the token are left out", async () => {
    const text = await token(claims({ scope: "openid notes:read profile" }));
    expect((await expectAccepted(text, around(auth))).scopes).toEqual(["notes:read"]);
  });

  test("are asked of each token, and named to who lacks them", async () => {
    const write = api({ scopes: ["notes:read", "notes:write"] }, () => Response.json({}));
    expect((await write(request(`Bearer ${await token()}`))).status).toBe(200);
    const response = await write(request(`Bearer ${await token(claims({ scope: "notes:read" }))}`));
    await expectProblem(response, 403, "insufficient_scope");
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer realm="api", error="insufficient_scope", scope="notes:read notes:write", resource_metadata="https://api.example.com/r"',
    );
    const nobody = await write(request());
    await expectProblem(nobody, 401, "credentials_required");
    expect(nobody.headers.get("www-authenticate")).toBe(
      'Bearer realm="api", scope="notes:read notes:write", resource_metadata="https://api.example.com/r"',
    );
  });
});

describe("a frozen set of scopes", () => {
  const scopes = frozenScopes(["a", "b", "a"]) as Set<string>;

  test("is a set", () => {
    expect(scopes).toBeInstanceOf(Set);
    expect([...scopes]).toEqual(["a", "b"]);
    expect([scopes.size, scopes.has("a"), scopes.has("c")]).toEqual([2, true, false]);
  });

  test("cannot be changed", () => {
    expect(() => scopes.add("c")).toThrow(TypeError);
    expect(() => scopes.delete("a")).toThrow(TypeError);
    expect(() => scopes.clear()).toThrow(TypeError);
    expect([...scopes]).toEqual(["a", "b"]);
  });
});
