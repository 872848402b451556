import { describe, expect, test } from "vitest";
import { keysWith, late, startIdentityProvider } from "../identity-provider/identity-provider.ts";
import { keySetsOn } from "./on-runtime.ts";
import { start } from "./start.ts";

describe.each(["workerd", "workerd of 2024"] as const)("key sets on %s", keySetsOn);

test.each(["workerd", "workerd of 2024"] as const)(
  "a fetch that %s ended with its request is given up, and another one begins",
  async (runtime) => {
    const provider = await startIdentityProvider();
    const running = await start(runtime, provider);
    try {
      const headers = { authorization: `Bearer ${await provider.token()}` };
      provider.answer(late(500));
      expect((await fetch(new URL("/abandoned", running.url), { headers })).status).toBe(204);
      expect(provider.fetches).toBe(1);
      provider.answer(keysWith());
      const begun = performance.now();
      const statuses = Array.from({ length: 10 }, async () => (await fetch(running.url, { headers })).status);
      expect(await Promise.all(statuses)).toEqual(Array(10).fill(200));
      expect(performance.now() - begun).toBeLessThan(6000);
      expect(provider.fetches).toBe(2);
    } finally {
      await running.stop();
      await provider.close();
    }
  },
);

test("a fetch goes on behind waitUntil where the request that began it has ended", async () => {
  const provider = await startIdentityProvider();
  const running = await start("workerd", provider);
  try {
    const headers = { authorization: `Bearer ${await provider.token()}` };
    provider.answer(late(500));
    expect((await fetch(new URL("/kept", running.url), { headers })).status).toBe(204);
    expect((await fetch(running.url, { headers })).status).toBe(200);
    expect(provider.fetches).toBe(1);
  } finally {
    await running.stop();
    await provider.close();
  }
});

test("the Cache API of workerd gives the keys to an instance that has none", async () => {
  const provider = await startIdentityProvider();
  const running = await start("workerd", provider);
  try {
    const headers = { authorization: `Bearer ${await provider.token()}` };
    expect((await fetch(running.url, { headers })).status).toBe(200);
    await provider.goDown();
    expect((await fetch(new URL("/second", running.url), { headers })).status).toBe(200);
    expect(provider.fetches).toBe(1);
  } finally {
    await running.stop();
    await provider.close();
  }
});
