import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hashApiKey } from "../../../src/auth/api-key/hash.ts";
import { ConfigError, policy } from "../../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../../lib/harness.ts";
import { inField, keyring, pepper } from "./support.ts";

const key = "acme_live_4Jx0aB2cD3eF_aaaaaaaaaaaaaaaaaaaaaa000000";
const bytes = new TextEncoder().encode(pepper);

test("hashApiKey is SHA-256, which everything else can compute too", async () => {
  expect(await hashApiKey(key)).toBe(createHash("sha256").update(key).digest("hex"));
  expect(await hashApiKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-4
});

test("with a pepper it is HMAC-SHA-256", async () => {
  expect(await hashApiKey(key, pepper)).toBe(createHmac("sha256", pepper).update(key).digest("hex"));
  // RFC 4231 §4.2
  expect(await hashApiKey("Hi There", new Uint8Array(20).fill(0x0b))).toBe(
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  );
});

test.each([
  ["a text", pepper],
  ["bytes", bytes],
  ["a function", (): string => pepper],
  ["an asynchronous function", async (): Promise<Uint8Array> => bytes],
  ["a list", [pepper]],
  ["a list with the previous one", [pepper, "another pepper, the old one"]],
] as const)("takes a pepper as %s", async (_what, given) => {
  expect(await hashApiKey(key, given)).toBe(await hashApiKey(key, pepper));
});

test.each([
  [undefined, "hashApiKey.pepper: is undefined"],
  [null, "hashApiKey.pepper: must be a string or a Uint8Array"],
  [7, "hashApiKey.pepper: must be a string or a Uint8Array"],
  ["fifteen bytes..", "hashApiKey.pepper: must be at least 16 bytes long"],
  [new Uint8Array(15), "hashApiKey.pepper: must be at least 16 bytes long"],
  [() => "short", "hashApiKey.pepper: must be at least 16 bytes long"],
  [async () => undefined, "hashApiKey.pepper: must be a string or a Uint8Array"],
  [[], "hashApiKey.pepper: must be one secret, or a list of two"],
  [[pepper, pepper, pepper], "hashApiKey.pepper: must be one secret, or a list of two"],
  [[pepper, "short"], "hashApiKey.pepper[1]: must be at least 16 bytes long"],
])("refuses the pepper %j", async (wrong, message) => {
  const error: unknown = await hashApiKey(key, wrong as string).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toMatch(/fifteen|short,/);
});

test("16 bytes of UTF-8 are enough, however few characters", async () => {
  expect(await hashApiKey(key, "🔑🔑🔑🔑")).toMatch(/^[\da-f]{64}$/);
});

test("a pepper whose bytes are changed later stays what it was", async () => {
  const changing = new Uint8Array(bytes);
  const keys = keyring({ pepper: changing });
  const { key: good } = await keys.add({}, { pepper });
  changing.fill(0);
  expect((await policy({ auth: keys.auth })(ok)(get("/", inField(good)))).status).toBe(200);
});

test("a key that is no text is a mistake of the program", async () => {
  await expect(hashApiKey(undefined as unknown as string)).rejects.toThrow(TypeError);
});

describe("apiKey with a pepper", () => {
  const previous = "the pepper of last year";

  test("knows no key that was hashed without it", async () => {
    const keys = keyring({ pepper });
    const { key: plain } = await keys.add();
    const { key: good } = await keys.add({}, { pepper });
    const fetch = policy({ auth: keys.auth, onEvent: silent })(ok);
    await expectProblem(await fetch(get("/", inField(plain))), 401, "invalid_api_key");
    expect((await fetch(get("/", inField(good)))).status).toBe(200);
  });

  test("asks for the hash under each of two, the current one first, until one is known", async () => {
    const keys = keyring({ pepper: [pepper, previous] });
    const [current, old] = [await keys.add({}, { pepper }), await keys.add({}, { pepper: previous })];
    const fetch = policy({ auth: keys.auth, onEvent: silent })(ok);
    expect((await fetch(get("/", inField(current.key)))).status).toBe(200);
    expect(keys.asked).toEqual([current.hash]);
    keys.asked.length = 0;
    expect((await fetch(get("/", inField(old.key)))).status).toBe(200);
    expect(keys.asked).toEqual([await hashApiKey(old.key, pepper), old.hash]);
    keys.records.clear();
    await expectProblem(await fetch(get("/", inField(old.key))), 401, "invalid_api_key");
  });

  test("from a function is taken anew for each key, so that it can be replaced while running", async () => {
    let current = previous;
    const keys = keyring({ pepper: async () => current });
    const [a, b] = [await keys.add({}, { pepper: previous }), await keys.add({}, { pepper })];
    const fetch = policy({ auth: keys.auth, onEvent: silent })(ok);
    const statuses = async (): Promise<readonly number[]> =>
      Promise.all([a, b].map(async (made) => (await fetch(get("/", inField(made.key)))).status));
    expect(await statuses()).toEqual([200, 401]);
    current = pepper;
    expect(await statuses()).toEqual([401, 200]);
  });

  test("from a function that gives a too short one is 500 and an event, and nothing is looked up", async () => {
    const keys = keyring({ pepper: () => "canary" });
    const { key: good } = await keys.add();
    const { events, onEvent } = recorder();
    const response = await policy({ auth: keys.auth, onEvent })(ok)(get("/", inField(good)));
    await expectProblem(response, 500, "internal_error");
    expect(events).toMatchObject([{ type: "handler_error", error: { name: "ConfigError" } }]);
    expect(String((events[0] as { error: unknown }).error)).toMatch(/apiKey.pepper: must be at least 16 bytes/);
    expect(String((events[0] as { error: unknown }).error)).not.toContain("canary");
    expect(keys.asked).toEqual([]);
  });

  test("from a function that fails is 503: the key may be good", async () => {
    const pepper = (): Promise<never> => Promise.reject(Object.assign(new Error("down"), { retryAfterSeconds: 7 }));
    const keys = keyring({ pepper });
    const { key: good } = await keys.add();
    const response = await policy({ auth: keys.auth, onEvent: silent })(ok)(get("/", inField(good)));
    await expectProblem(response, 503, "auth_unavailable");
    expect(response.headers.get("retry-after")).toBe("7");
    expect(response.headers.has("www-authenticate")).toBe(false);
  });
});
