import { beforeEach, describe, expect, test } from "vitest";
import { generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import { anyOf, memoryStore, optional, policy } from "../../../src/index.ts";
import { as, expectProblem, get, ok, silent, tokens } from "../../lib/harness.ts";
import { asBearer, inField, type Keyring, keyring, type Made, prefix } from "./support.ts";

const own = 'ApiKey realm="api", header="x-api-key"';
const invalidBearer = 'Bearer realm="api", error="invalid_token", error_description="The API key is invalid"';

let keys: Keyring;
let good: Made;

beforeEach(async () => {
  keys = keyring();
  good = await keys.add({ scopes: ["notes:read"] });
});

const whoami = (_request: Request, { auth }: { auth: { method: string; subject: string | null } }): Response =>
  Response.json([auth.method, auth.subject]);

describe("optional()", () => {
  test("a good key is known, and nothing at all is anonymous", async () => {
    const fetch = policy({ auth: optional(keys.auth) })(whoami);
    expect(await (await fetch(get("/", inField(good.key)))).json()).toEqual(["api-key", good.id]);
    expect(await (await fetch(get())).json()).toEqual(["anonymous", null]);
  });

  test.each<readonly [string, (key: string) => Record<string, string>, number, string]>([
    ["an empty field", () => inField(""), 401, "invalid_api_key"],
    ["a mistyped key", (key) => inField(`${key}x`), 401, "invalid_api_key"],
    ["a mistyped key as Bearer", (key) => asBearer(`${key}x`), 401, "invalid_api_key"],
    ["a key of another environment as Bearer", () => asBearer("acme_test_x"), 401, "credentials_required"],
    ["another scheme", () => ({ authorization: "Basic Og==" }), 401, "credentials_required"],
    ["two keys", (key) => ({ ...inField(key), ...asBearer(key) }), 400, "invalid_request"],
  ])("%s is refused", async (_what, fields, status, code) => {
    const fetch = policy({ auth: optional(keys.auth), onEvent: silent })(ok);
    await expectProblem(await fetch(get("/", fields(good.key))), status, code);
  });
});

describe("anyOf() with tokens, which claim every Authorization", () => {
  const fetchWith = () => policy({ auth: anyOf(tokens, keys.auth), onEvent: silent })(whoami);

  test("a key is a key in its field and as Bearer, and a token is a token", async () => {
    const fetch = fetchWith();
    expect(await (await fetch(get("/", inField(good.key)))).json()).toEqual(["api-key", good.id]);
    expect(await (await fetch(get("/", asBearer(good.key)))).json()).toEqual(["api-key", good.id]);
    expect(await (await fetch(get("/", as("ann")))).json()).toEqual(["token", "ann"]);
  });

  test("a bad key is never tried as a token, nor a bad token as a key; the other method is listed bare", async () => {
    const fetch = fetchWith();
    const { key } = await generateApiKey(prefix);
    const answers = [
      [inField(key), "invalid_api_key", `Bearer realm="api", ${own}`],
      [asBearer(key), "invalid_api_key", `Bearer realm="api", ${invalidBearer}`],
      [{ authorization: "Bearer bad" }, "invalid_token", `Bearer realm="api", error="invalid_token", ${own}`],
      [{}, "credentials_required", `Bearer realm="api", ${own}`],
    ] as const;
    for (const [fields, code, challenge] of answers) {
      const response = await fetch(get("/", fields));
      expect(response.headers.get("www-authenticate")).toBe(challenge);
      await expectProblem(response, 401, code);
    }
  });

  test("two credentials are 400, and nothing is looked up", async () => {
    const fetch = fetchWith();
    for (const fields of [
      { ...inField(good.key), ...as("ann") },
      { ...inField(good.key), ...asBearer(good.key) },
      { authorization: `Bearer good-ann, Bearer ${good.key}` },
    ]) {
      await expectProblem(await fetch(get("/", fields)), 400, "invalid_request");
    }
    expect(keys.asked).toEqual([]);
  });
});

describe("requirements", () => {
  test("a scope that the key has not is 403 with the scopes needed", async () => {
    const api = policy({ auth: keys.auth, onEvent: silent });
    expect((await api({ scopes: ["notes:read"] }, ok)(get("/", inField(good.key)))).status).toBe(200);
    const response = await api({ scopes: ["notes:read", "notes:write"] }, ok)(get("/", inField(good.key)));
    await expectProblem(response, 403, "insufficient_scope");
    expect(response.headers.get("www-authenticate")).toBe(
      'ApiKey realm="api", error="insufficient_scope", scope="notes:read notes:write", header="x-api-key"',
    );
  });
});

describe("authFailures throttles an address that tries keys,", () => {
  const at = { clientIp: "192.0.2.7" };
  const authFailures = { limit: 3, windowSeconds: 60 };
  const address = { name: "address", limit: 1000, windowSeconds: 60 };

  test.each([
    ["counted in this process", {}],
    ["counted in the store of the address limit", { rateLimit: address, store: memoryStore() }],
  ])("%s, before the next lookup", async (_where, config) => {
    const api = policy({ auth: keys.auth, authFailures, onEvent: silent, ...config });
    const send = async (fields: Record<string, string>): Promise<Response> => api.run(get("/", fields), at, ok);
    for (const bad of [(await generateApiKey(prefix)).key, "noise", `${good.key}x`]) {
      await expectProblem(await send(inField(bad)), 401, "invalid_api_key");
    }
    keys.asked.length = 0;
    const refused = await send(inField((await generateApiKey(prefix)).key));
    await expectProblem(refused, 429, "rate_limited");
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
    expect((await send(inField(good.key))).status).toBe(429);
    expect(keys.asked).toEqual([]);
    const elsewhere = await api.run(get("/", inField(good.key)), { clientIp: "192.0.2.8" }, ok);
    expect(elsewhere.status).toBe(200);
  });

  test("and counts no key that is missing, expired, good, or sent twice", async () => {
    const api = policy({ auth: keys.auth, authFailures, onEvent: silent });
    const { key: expired } = await keys.add({ expiresAt: new Date(0) });
    for (let count = 0; count < 5; count++) {
      for (const [fields, status] of [
        [{}, 401],
        [inField(expired), 401],
        [inField(good.key), 200],
        [inField(`${good.key}, ${good.key}`), 400],
      ] as const) {
        expect((await api.run(get("/", fields), at, ok)).status).toBe(status);
      }
    }
  });
});
