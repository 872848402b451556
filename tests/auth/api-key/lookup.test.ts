import { describe, expect, test } from "vitest";
import { apiKey } from "../../../src/auth/api-key/api-key.ts";
import { generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import type { ApiKeyLookup } from "../../../src/auth/api-key/lookup.ts";
import { type Identity, policy } from "../../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../../lib/harness.ts";
import { inField, keyring, prefix } from "./support.ts";

describe("a static list", () => {
  const newKeys = (count: number) => Promise.all(Array.from({ length: count }, () => generateApiKey(prefix)));

  test("gives each key its own record, and knows no other key", async () => {
    const [made, [stranger]] = [await newKeys(20), await newKeys(1)];
    const lookup = made.map(({ hash, id }, index) => ({ hash, id, scopes: [`s:${index}`], meta: index }));
    const fetch = policy({ auth: apiKey({ prefix, lookup }), onEvent: silent })((_request, { auth }) =>
      Response.json([auth.subject, [...auth.scopes], auth.meta]),
    );
    for (const [index, { key, id }] of made.entries()) {
      expect(await (await fetch(get("/", inField(key)))).json()).toEqual([id, [`s:${index}`], index]);
    }
    await expectProblem(await fetch(get("/", inField(stranger?.key ?? ""))), 401, "invalid_api_key");
  });

  test("tells hashes apart that differ in one digit, wherever it is", async () => {
    const { key, hash } = await generateApiKey(prefix);
    const near = Array.from(hash, (digit, place) => {
      const other = digit === "0" ? "1" : "0";
      return { hash: hash.slice(0, place) + other + hash.slice(place + 1), id: `near-${place}`, scopes: [] };
    });
    const knowing = policy({ auth: apiKey({ prefix, lookup: [...near, { hash, id: "right", scopes: [] }] }) });
    const seen = await knowing((_request, { auth }) => new Response(auth.subject))(get("/", inField(key)));
    expect(await seen.text()).toBe("right");
    const others = policy({ auth: apiKey({ prefix, lookup: near }), onEvent: silent })(ok);
    await expectProblem(await others(get("/", inField(key))), 401, "invalid_api_key");
  });

  test("stays as it was read, whatever becomes of the list and of what handlers got", async () => {
    const { key, hash, id } = await generateApiKey(prefix);
    const scopes = ["a"];
    const meta = { plan: "free", limits: [1, 2] };
    const list = [{ hash, id, scopes, meta }];
    const fetch = policy({ auth: apiKey({ prefix, lookup: list }) })((_request, { auth }) => {
      const changed = [
        Reflect.set(auth, "subject", "admin"),
        Reflect.set(auth.meta, "plan", "pro"),
        Reflect.set(auth.meta.limits, "0", 9),
      ];
      return Response.json([auth.subject, [...auth.scopes], auth.meta, changed]);
    });
    list.length = 0;
    scopes.push("admin");
    meta.limits.push(3);
    for (let count = 0; count < 2; count++) {
      expect(await (await fetch(get("/", inField(key)))).json()).toEqual([
        id,
        ["a"],
        { plan: "free", limits: [1, 2] },
        [false, false, false],
      ]);
    }
  });

  test("hands on meta that is no plain data as it is", async () => {
    const { key, hash, id } = await generateApiKey(prefix);
    const meta = new Map([["a", 1]]);
    const fetch = policy({ auth: apiKey({ prefix, lookup: [{ hash, id, scopes: [], meta }] }) })((_request, { auth }) =>
      Response.json(auth.meta === meta),
    );
    expect(await (await fetch(get("/", inField(key)))).json()).toBe(true);
  });
});

describe("what a lookup function gives", () => {
  /** Sends a good key to a policy with this lookup. */
  async function answer(lookup: unknown, events = recorder()): Promise<Response> {
    const { key } = await generateApiKey(prefix);
    const untyped = lookup as ApiKeyLookup; // JavaScript callers have no types
    return policy({ auth: apiKey({ prefix, lookup: untyped }), onEvent: events.onEvent })(ok)(get("/", inField(key)));
  }

  test.each([
    ["a record", () => ({ id: "k", scopes: [] }), 200],
    ["a promise of one", async () => ({ id: "k", scopes: [] }), 200],
    // biome-ignore lint/suspicious/noThenProperty: query builders are such thenables
    ["a thenable of one", () => ({ then: (give: (record: object) => void) => give({ id: "k", scopes: [] }) }), 200],
    ["a row with further columns and nulls", () => ({ id: "k", scopes: [], expiresAt: null, created: 1 }), 200],
    ["a row that says it is not revoked", () => ({ id: "k", scopes: [], revoked: false, deleted_at: null }), 200],
    ["a row with an end that nobody reads", () => ({ id: "k", scopes: [], expires_at: new Date(0) }), 503],
    ["a row that says it is revoked", () => ({ id: "k", scopes: [], revoked: true }), 503],
    ["a row that says it is enabled", () => ({ id: "k", scopes: [], enabled: true, is_active: 1 }), 200],
    ["a row that says it is not enabled", () => ({ id: "k", scopes: [], enabled: false }), 503],
    ["a row that says it is not active", () => ({ id: "k", scopes: [], is_active: 0 }), 503],
    ["a row that says it is not valid", () => ({ id: "k", scopes: [], isValid: false }), 503],
    ["a Date to come", () => ({ id: "k", scopes: [], expiresAt: new Date(Date.now() + 60_000) }), 200],
    ["null", () => null, 401],
    ["a promise of null", async () => null, 401],
    ["undefined", () => undefined, 401],
    ["a promise of undefined", async () => undefined, 401],
  ])("%s", async (_what, lookup, status) => {
    expect((await answer(lookup)).status).toBe(status);
  });

  test.each<readonly [string, () => unknown, RegExp]>([
    ["an error", () => Promise.reject(new Error("canary: no connection")), /canary/],
    [
      "a thrown error",
      () => {
        throw new Error("canary");
      },
      /canary/,
    ],
    ["false", () => false, /id must be a text/],
    ["true", () => true, /id must be a text/],
    ["an empty text", () => "", /id must be a text/],
    ["a list", () => [], /id must be a text/],
    ["a record without id", () => ({ scopes: [] }), /id must be a text/],
    ["an id that is a number", () => ({ id: 7, scopes: [] }), /id must be a text/],
    ["an empty id", () => ({ id: "", scopes: [] }), /id must be a text/],
    ["a record without scopes", () => ({ id: "k" }), /scopes must be a list/],
    ["scopes as one text", () => ({ id: "k", scopes: "admin" }), /scopes must be a list/],
    ["a scope with a space", () => ({ id: "k", scopes: ["a b"] }), /scopes must be a list/],
    ["an expiry that is a number", () => ({ id: "k", scopes: [], expiresAt: 4e12 }), /expiresAt must be a valid Date/],
    ["an expiry that is a text", () => ({ id: "k", scopes: [], expiresAt: "2099-01-01" }), /expiresAt must be a valid/],
    ["an expiry that is no time", () => ({ id: "k", scopes: [], expiresAt: new Date("soon") }), /expiresAt must be/],
  ])("%s is an outage: 503, never a good or a bad key", async (_what, lookup, message) => {
    for (const form of [lookup, async () => lookup()]) {
      const recorded = recorder();
      const response = await answer(form, recorded);
      expect(await response.clone().text()).not.toContain("canary");
      await expectProblem(response, 503, "auth_unavailable");
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.has("www-authenticate")).toBe(false);
      expect(recorded.events).toMatchObject([{ type: "auth_unavailable" }]);
      expect(String((recorded.events[0] as { error: unknown }).error)).toMatch(message);
    }
  });
});

test("an identity has no prototype, is frozen, and its scopes cannot be changed", async () => {
  const keys = keyring();
  const { key } = await keys.add({ scopes: ["a"] });
  const seen: Identity[] = [];
  await policy({ auth: keys.auth })((_request, { auth }) => {
    seen.push(auth);
    return ok();
  })(get("/", inField(key)));
  expect(seen).toHaveLength(1);
  for (const identity of seen) {
    expect(() => (identity.scopes as Set<string>).add("b")).toThrow(TypeError); // what careless code may write
    expect(Object.getPrototypeOf(identity)).toBeNull();
    expect(Object.isFrozen(identity)).toBe(true);
    expect(Object.keys(identity)).toEqual(["method", "subject", "scopes", "meta"]);
  }
});

test("what one request does by force to the scopes of a listed key no other sees", async () => {
  const { key, ...kept } = await generateApiKey(prefix);
  const api = policy({ auth: apiKey({ prefix, lookup: [{ ...kept, scopes: ["a"] }] }), onEvent: silent });
  const force = api((_request, { auth }) => {
    Set.prototype.add.call(auth.scopes, "admin");
    return Response.json([...auth.scopes]);
  });
  for (let times = 0; times < 2; times++) {
    expect(await (await force(get("/", inField(key)))).json()).toEqual(["a", "admin"]);
    await expectProblem(await api({ scopes: ["admin"] }, ok)(get("/", inField(key))), 403, "insufficient_scope");
  }
});

test("a list is read once: what its maker does to it later changes nothing", async () => {
  const { key, ...kept } = await generateApiKey(prefix);
  const entry = { ...kept, scopes: ["a"], expiresAt: new Date(Date.now() + 60_000) };
  const api = policy({ auth: apiKey({ prefix, lookup: [entry] }), onEvent: silent });
  entry.scopes.push("admin");
  entry.expiresAt.setTime(0);
  expect((await api({ scopes: ["a"] }, ok)(get("/", inField(key)))).status).toBe(200);
  await expectProblem(await api({ scopes: ["admin"] }, ok)(get("/", inField(key))), 403, "insufficient_scope");
});

test("a lookup that gives a record at once costs no wait beyond the hash", async () => {
  const { key, hash, id } = await generateApiKey(prefix);
  const order: string[] = [];
  const lookup = (asked: string): { id: string; scopes: string[] } | null => {
    order.push("lookup");
    queueMicrotask(() => {
      order.push("one wait later");
      queueMicrotask(() => order.push("two waits later"));
    });
    return asked === hash ? { id, scopes: [] } : null;
  };
  const { authenticate } = apiKey({ prefix, lookup });
  const context = { requestId: "1", traceId: undefined, clientIp: undefined, signal: new AbortController().signal };
  const answer = authenticate(get("/", inField(key)), { ...context, waitUntil: () => {} });
  await Promise.resolve(answer).then(() => order.push("answer"));
  await Promise.resolve();
  expect(order).toEqual(["lookup", "one wait later", "answer", "two waits later"]);
});
