import { expect, test } from "vitest";
import { policy } from "../../../src/index.ts";
import { as, expectMistake, get, ok, silent, tokens } from "../../lib/harness.ts";
import { recordingStore, take } from "./support.ts";

const keySecret = "a secret of the tests";
const rateLimit = { limit: 100, windowSeconds: 60 } as const;

test("a distant store gets identities of 32 hex characters, with nothing of the address in them", async () => {
  const store = recordingStore(250);
  const api = policy({ store, keySecret, rateLimit });
  for (const clientIp of ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.1", "2001:db8::ffff"]) {
    await take(api, get(), clientIp);
  }
  const [first, second, third, again, sameNetwork] = store.identities();
  for (const identity of store.identities()) expect(identity).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set([first, second, third]).size).toBe(3);
  expect([again, sameNetwork]).toEqual([first, third]);
  expect(JSON.stringify(store.asked)).not.toMatch(/192\.0\.2|2001|db8/);
});

test("they are the first 128 bits of HMAC-SHA-256, the same in each process and another under another secret", async () => {
  const identities = await Promise.all(
    [keySecret, keySecret, `${keySecret}!`].map(async (secret) => {
      const store = recordingStore(250);
      await take(policy({ store, keySecret: secret, rateLimit: { ...rateLimit, dangerouslyBy: () => "ann" } }));
      return store.identities()[0];
    }),
  );
  const { createHmac } = await import("node:crypto");
  const expected = (secret: string): string =>
    createHmac("sha256", secret).update("request:ann").digest("hex").slice(0, 32);
  expect(identities).toEqual([expected(keySecret), expected(keySecret), expected(`${keySecret}!`)]);
});

test("subjects and keys of functions are hashed, too", async () => {
  const store = recordingStore(250);
  const limits = [
    { name: "user", ...rateLimit, by: "identity" as const },
    { name: "path", ...rateLimit, by: ({ path }: { path: string }) => path },
  ];
  const api = policy({ auth: tokens, store, keySecret, rateLimit: limits });
  await api.run(get("/canary", as("canary")), {}, ok);
  expect(store.identities()).toHaveLength(2);
  for (const identity of store.identities()) expect(identity).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.stringify(store.asked)).not.toContain("canary");
});

test("memory gets identities as they are, and so does a distant store without a secret", async () => {
  const memory = recordingStore();
  await take(policy({ store: memory, keySecret, rateLimit }));
  const distant = recordingStore(250);
  await take(policy({ store: distant, rateLimit }));
  expect([...memory.identities(), ...distant.identities()]).toEqual(["192.0.2.1", "192.0.2.1"]);
});

test("hashed clients are limited and remembered as others are", async () => {
  const store = recordingStore(250);
  const api = policy({ store, keySecret, rateLimit: { limit: 1, windowSeconds: 60 }, onEvent: silent });
  const seen = [await take(api), await take(api), await take(api), await take(api, get(), "192.0.2.2")];
  expect(seen.map(({ status }) => status)).toEqual([200, 429, 429, 200]);
  expect(store.asked).toHaveLength(3);
});

test.each([["short"], ["fifteen letters"], [""], [7], [null]])("refuses the secret %j, without showing it", (value) => {
  expectMistake({ keySecret: value }, "keySecret", /^must be a string of at least 16 bytes$/);
});

test("a secret of 16 bytes is enough, whatever its characters", () => {
  expect(() => policy({ keySecret: "0123456789abcdef" })).not.toThrow();
  expect(() => policy({ keySecret: "éééééééé" })).not.toThrow();
});
