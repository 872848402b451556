import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy, type StandardSchema } from "../../../src/index.ts";
import { type JwtAuthenticator, type JwtIdentity, jwt } from "../../../src/jwt.ts";
import { expectProblem } from "../../lib/harness.ts";
import { around, claims, expectAccepted, expectRefused, options, request, token } from "./support.ts";

const good = await token(claims({ role: "admin", org: { id: "7" }, extra: true }));
const bad = await token(claims({ role: "root", org: { id: "7" } }));

/** The identity that a handler gets, itself and not as JSON. */
async function seen<Claims>(auth: JwtAuthenticator<JwtIdentity<Claims>>, text: string): Promise<JwtIdentity<Claims>> {
  const found: JwtIdentity<Claims>[] = [];
  await policy({ auth })((_request, context) => {
    found.push(context.auth);
    return new Response();
  })(request(`Bearer ${text}`));
  const [identity] = found;
  if (identity === undefined) throw new Error("the handler was not reached");
  return identity;
}

describe("claims that fit the schema are what it gives", () => {
  const libraries = [
    ["zod", z.object({ role: z.enum(["user", "admin"]), org: z.object({ id: z.coerce.number() }) })],
    [
      "valibot",
      v.object({ role: v.picklist(["user", "admin"]), org: v.object({ id: v.pipe(v.string(), v.transform(Number)) }) }),
    ],
    ["arktype", type({ "+": "delete", role: "'user' | 'admin'", org: { "+": "delete", id: "string.integer.parse" } })],
  ] as const;

  test.each(libraries)("%s", async (_name, schema) => {
    const auth = jwt({ ...options, claims: schema as StandardSchema<unknown, { role: string; org: { id: number } }> });
    const { claims: given, scopes, subject } = await seen(auth, good);
    expect(given).toEqual({ role: "admin", org: { id: 7 } });
    expect(Object.getPrototypeOf(given)).toBe(null);
    expect([Object.isFrozen(given), Object.isFrozen(given.org)]).toEqual([true, true]);
    expect(subject).toBe("ann"); // from the token, whatever the schema leaves
    expect([...scopes]).toEqual(["notes:read", "notes:write"]);
    await expectRefused(bad, "claims_refused", around(auth));
  });

  test("an asynchronous one is awaited", async () => {
    const schema = z.object({ role: z.string().refine(async (role) => role === "admin") });
    const auth = jwt({ ...options, claims: schema });
    expect((await seen(auth, good)).claims).toEqual({ role: "admin" });
    await expectRefused(bad, "claims_refused", around(auth));
  });

  test("the schema gets all claims, without a prototype", async () => {
    const given: unknown[] = [];
    const schema: StandardSchema<unknown, string> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          given.push(value);
          return { value: "anything" };
        },
      },
    };
    expect((await seen(jwt({ ...options, claims: schema }), good)).claims).toBe("anything");
    expect(given).toEqual([expect.objectContaining({ sub: "ann", org: { id: "7" }, extra: true })]);
    expect(Object.getPrototypeOf(given[0])).toBe(null);
  });

  test("a schema that changes what it gets changes nothing else", async () => {
    const schema: StandardSchema<unknown, Record<string, unknown>> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          const given = value as Record<string, unknown>; // it gets claims
          Object.assign(given, { sub: "eve", iss: "https://evil.example/", scope: "admin", exp: 9e9 });
          return { value: given };
        },
      },
    };
    const { subject, issuer: by, scopes, claims: given } = await seen(jwt({ ...options, claims: schema }), good);
    expect([subject, by, ...scopes]).toEqual(["ann", options.issuer, "notes:read", "notes:write"]);
    expect(given).toMatchObject({ sub: "eve" });
  });

  test("what is no plain data is left as it is", async () => {
    class User {
      name = "ann";
    }
    const user = new User();
    const since = new Date(0);
    const circle: Record<string, unknown> = { user, since, tags: new Set(["a"]) };
    circle.self = circle;
    const auth = jwt({ ...options, claims: z.unknown().transform(() => ({ circle })) });
    const { claims: given } = await seen(auth, good);
    expect(given.circle).toBe(circle);
    expect(Object.isFrozen(circle)).toBe(true);
    for (const live of [user, since, circle.tags]) expect(Object.isFrozen(live)).toBe(false);
    const itself = jwt({ ...options, claims: z.unknown().transform(() => user) });
    expect((await seen(itself, good)).claims).toBe(user);
    expect(Object.isFrozen(user)).toBe(false);
  });
});

describe("the schema", () => {
  test("sees no claims but verified ones", async () => {
    let calls = 0;
    const schema = z.unknown().refine(() => {
      calls++;
      return true;
    });
    const by = around(jwt({ ...options, claims: schema }));
    await expectRefused(`${good.slice(0, -4)}AAAA`, "bad_signature", by);
    await expectRefused(await token(claims({ exp: 1 })), "expired", by, "expired");
    await expectRefused(await token(claims({ aud: "web" })), "wrong_audience", by);
    await expectRefused(await token(claims({ nbf: 9e9 })), "not_yet_valid", by, "early");
    expect(calls).toBe(0);
    expect((await by.fetch(request(`Bearer ${good}`))).status).toBe(200);
    expect(calls).toBe(1);
  });

  test("that throws is a fault that lets nobody in", async () => {
    const schema = z.unknown().transform(() => {
      throw new Error("canary");
    });
    const by = around(jwt({ ...options, claims: schema }));
    const response = await by.fetch(request(`Bearer ${good}`));
    expect(JSON.stringify(await expectProblem(response, 503, "auth_unavailable"))).not.toContain("canary");
    expect(by.events.map(({ type: kind }) => kind)).toEqual(["auth_unavailable"]);
  });

  test("changes nothing of what is checked: not the subject, not the audience", async () => {
    const auth = jwt({ ...options, claims: z.object({}).transform(() => ({ sub: "eve", aud: "web", exp: 1 })) });
    const body = await expectAccepted(good, around(auth));
    expect(body).toMatchObject({ subject: "ann", claims: { sub: "eve" } });
  });
});
