import { describe, expect, test } from "vitest";
import { startIdentityProvider } from "../identity-provider/identity-provider.ts";
import { keySetsOn } from "./on-runtime.ts";
import { start } from "./start.ts";

describe("key sets on workerd", () => keySetsOn("workerd"));

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
