import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { generateApiKey } from "../../../src/auth/api-key/key-format.ts";
import { policy } from "../../../src/index.ts";
import { expectProblem, get, ok, recorder } from "../../lib/harness.ts";
import { asBearer, inField, type Keyring, keyring, type Made, prefix } from "./support.ts";

const now = Date.UTC(2027, 0, 1);
const own = 'ApiKey realm="api", header="x-api-key"';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now });
});
afterEach(() => {
  vi.useRealTimers();
});

let keys: Keyring;
let good: Made;
let fetch: (request: Request) => Promise<Response>;
let recorded: ReturnType<typeof recorder>;

beforeEach(async () => {
  keys = keyring();
  good = await keys.add({ scopes: ["notes:read"], meta: { plan: "pro" } });
  recorded = recorder();
  fetch = policy({ auth: keys.auth, onEvent: recorded.onEvent })((_request, { auth }) =>
    Response.json({ ...auth, scopes: [...auth.scopes] }),
  );
});

test.each([
  ["in its own field", inField],
  ["in its own field, whatever the case of the name", (key: string) => ({ "X-Api-KEY": key })],
  ["as Bearer", asBearer],
  ["as bearer, with several spaces", (key: string) => ({ authorization: `bearer   ${key}` })],
  [
    "beside an Authorization that is not for this policy",
    (key: string) => ({ ...inField(key), authorization: "Basic Og==" }),
  ],
  [
    "beside a token that is not for this policy",
    (key: string) => ({ ...inField(key), authorization: "Bearer eyJhbGciOiJ" }),
  ],
])("a good key %s gives its owner, scopes and meta", async (_where, fields) => {
  const response = await fetch(get("/", fields(good.key)));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    method: "api-key",
    subject: good.id,
    scopes: ["notes:read"],
    meta: { plan: "pro" },
  });
  expect(response.headers.get("vary")).toBe("X-API-Key, Authorization");
  expect(keys.asked).toEqual([good.hash]);
});

describe("without a key", () => {
  test.each([
    [{}],
    [{ authorization: "Basic Og==" }],
    [{ authorization: "Bearer eyJhbGciOiJ" }],
    [{ authorization: "Basic acme_live_4Jx0aB2cD3eF_x" }],
    [{ authorization: "Bearer acme_test_4Jx0aB2cD3eF_x" }],
    [{ cookie: "x-api-key=acme_live_4Jx0aB2cD3eF_x" }],
  ])("%j is 401 credentials_required, with a challenge that names no error", async (fields) => {
    const response = await fetch(get("/?x-api-key=acme_live_4Jx0aB2cD3eF_x", fields));
    await expectProblem(response, 401, "credentials_required");
    expect(response.headers.get("www-authenticate")).toBe(own);
    expect(response.headers.get("vary")).toBe("X-API-Key, Authorization");
    expect(keys.asked).toEqual([]);
  });
});

/** Answers the same however the key was sent, but for the challenge. */
async function expectInvalid(
  key: string,
  code: string,
  description: string,
  reason: string | undefined,
): Promise<void> {
  for (const [fields, challenge] of [
    [inField(key), own],
    [asBearer(key), `Bearer realm="api", error="invalid_token", error_description="${description}"`],
  ] as const) {
    recorded.events.length = 0;
    const response = await fetch(get("/", fields));
    expect(response.headers.get("www-authenticate")).toBe(challenge);
    const body = await expectProblem(response, 401, code);
    expect(body.detail).toBe(`${description}.`);
    expect(recorded.events.filter(({ type }) => type === "refused")).toMatchObject([{ code, status: 401 }]);
    expect((recorded.events[0] as { reason?: string }).reason).toBe(reason);
    expect(JSON.stringify([recorded.events, body, [...response.headers]])).not.toContain(key.slice(10));
  }
}

test("an unknown key is 401 invalid_api_key", async () => {
  const { key } = await generateApiKey(prefix);
  await expectInvalid(key, "invalid_api_key", "The API key is invalid", "unknown_key");
  expect(keys.asked).toHaveLength(2);
});

test("a revoked key is refused like one that never was", async () => {
  keys.records.delete(good.hash);
  await expectInvalid(good.key, "invalid_api_key", "The API key is invalid", "unknown_key");
});

test("a key that cannot be one is refused without a lookup", async () => {
  await expectInvalid(`${good.key.slice(0, -1)}_`, "invalid_api_key", "The API key is invalid", "malformed");
  await expectInvalid(`${good.key}0`, "invalid_api_key", "The API key is invalid", "malformed");
  await expectInvalid(`${good.key.slice(0, -6)}000000`, "invalid_api_key", "The API key is invalid", "bad_checksum");
  expect(keys.asked).toEqual([]);
});

test("a key whose prefix only ends with ours is none of ours, though its hash is in the same store", async () => {
  const { key, hash } = await generateApiKey(`test_${prefix}`);
  keys.records.set(hash, { id: "test", scopes: [] });
  await expectProblem(await fetch(get("/", inField(key))), 401, "invalid_api_key");
  expect(recorded.events[0]).toMatchObject({ type: "refused", reason: "malformed" });
  expect(keys.asked).toEqual([]);
});

test("an expired key is 401 api_key_expired, from its last millisecond on", async () => {
  const { key } = await keys.add({ expiresAt: new Date(now + 1) });
  expect((await fetch(get("/", inField(key)))).status).toBe(200);
  vi.setSystemTime(now + 1);
  await expectInvalid(key, "api_key_expired", "The API key expired", undefined);
});

test("rotation: the old and the new key of one owner are both good, until one is revoked", async () => {
  const renewed = await keys.add({ id: good.id });
  const subjects = async (): Promise<readonly unknown[]> =>
    Promise.all([good, renewed].map(async ({ key }) => (await (await fetch(get("/", inField(key)))).json()).subject));
  expect(await subjects()).toEqual([good.id, good.id]);
  keys.records.delete(good.hash);
  expect(await subjects()).toEqual([undefined, good.id]);
});

describe("more than one credential is 400 invalid_request", () => {
  test.each<readonly [string, (key: string) => Record<string, string>, string]>([
    ["a field and Bearer", (key) => ({ ...inField(key), ...asBearer(key) }), "ApiKey"],
    ["an empty field and Bearer", (key) => ({ ...inField(""), ...asBearer(key) }), "ApiKey"],
    ["a field that came twice", (key) => inField(`${key}, ${key}`), "ApiKey"],
    ["a field and an empty one", (key) => inField(`${key},`), "ApiKey"],
    ["Bearer that came twice", (key) => asBearer(`${key}, Bearer ${key}`), "Bearer"],
    ["Bearer behind another scheme", (key) => ({ authorization: `Basic Og==, Bearer ${key}` }), "Bearer"],
    ["Bearer with something behind it", (key) => asBearer(`${key} ${key}`), "Bearer"],
  ])("%s", async (_what, fields, scheme) => {
    const response = await fetch(get("/", fields(good.key)));
    await expectProblem(response, 400, "invalid_request");
    const rest = scheme === "ApiKey" ? ', header="x-api-key"' : "";
    expect(response.headers.get("www-authenticate")).toBe(`${scheme} realm="api", error="invalid_request"${rest}`);
    expect(keys.asked).toEqual([]);
  });
});

test.each<readonly [string, (key: string) => string]>([
  ["is empty", () => ""],
  ["is a space", () => " "],
  ["is a Latin-1 character away from a key", (key) => `${key.slice(0, -1)}é`],
  ["is Latin-1 in the place of its prefix", (key) => `ä${key.slice(1)}`],
  ["is 1 MiB long", () => "x".repeat(2 ** 20)],
  ["is 1 MiB long and begins as a key", (key) => key.padEnd(2 ** 20, "0")],
  ["is of another environment", (key) => key.replace("live", "test")],
  ["is in upper case", (key) => key.toUpperCase()],
  ["is in quotes", (key) => `"${key}"`],
  ["has a scheme", (key) => `Bearer ${key}`],
  ["holds a line break as text", (key) => `${key}\\r\\nSet-Cookie: a=1`],
  ["is the name of a property of all objects", () => "__proto__"],
])("a field that %s is 401, never 500, and nothing is looked up", async (_what, change) => {
  const response = await fetch(get("/", inField(change(good.key))));
  await expectProblem(response, 401, "invalid_api_key");
  expect(response.headers.get("www-authenticate")).toBe(own);
  expect(keys.asked).toEqual([]);
});

test("1 MiB as Bearer is 401 too", async () => {
  await expectProblem(await fetch(get("/", asBearer(good.key.padEnd(2 ** 20, "0")))), 401, "invalid_api_key");
  expect(keys.asked).toEqual([]);
});

test("realm and field are the policy's own", async () => {
  const named = keyring({ realm: 'the "notes" \\ API', header: "X-Notes-Key" });
  const { key } = await named.add();
  const notes = policy({ auth: named.auth, onEvent: recorded.onEvent })(ok);
  const challenge = 'ApiKey realm="the \\"notes\\" \\\\ API", header="x-notes-key"';
  for (const fields of [{}, inField(key), { "x-notes-key": "x" }]) {
    const response = await notes(get("/", fields));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(challenge);
    expect(response.headers.get("vary")).toBe("X-Notes-Key, Authorization");
  }
  expect((await notes(get("/", { "X-Notes-Key": key }))).status).toBe(200);
  expect((await notes(get("/", asBearer(key)))).status).toBe(200);
});
