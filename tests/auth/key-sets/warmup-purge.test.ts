import { describe, expect, test, vi } from "vitest";
import { keysWith, late, text } from "../identity-provider/identity-provider.ts";
import { clientOf, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

describe("warmup()", () => {
  test("fetches the set before the first request, and only once", async () => {
    const { warmup, status } = clientOf(provider());
    await Promise.all([warmup(), warmup()]);
    await warmup();
    expect(provider().fetches).toBe(1);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(1);
  });

  test("renews a stale set", async () => {
    const { warmup } = clientOf(provider());
    await warmup();
    passSeconds(700);
    await warmup();
    expect(provider().fetches).toBe(2);
  });

  test("rejects where the set cannot be fetched, also where a stale one is held", async () => {
    const { warmup } = clientOf(provider());
    provider().answer(text("", 500));
    await expect(warmup()).rejects.toMatchObject({ name: "KeysUnavailableError", retryAfterSeconds: 1 });
    provider().answer(keysWith());
    passSeconds(1);
    await warmup();
    provider().answer(text("", 500));
    passSeconds(700);
    await expect(warmup()).rejects.toMatchObject({ name: "KeysUnavailableError" });
  });
});

describe("purge()", () => {
  test("forgets the keys: the next request fetches them, also within a pause", async () => {
    const { status, purge } = clientOf(provider());
    const before = await provider().token();
    await status();
    await provider().rotate();
    purge();
    expect(await status(before)).toBe(401);
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
    provider().answer(text("", 500));
    purge();
    expect(await status()).toBe(503);
    provider().answer(keysWith());
    purge();
    expect(await status()).toBe(200);
  });

  test.each([[0], [1]])("drops an answer that is on its way, with %i further requests", async (further) => {
    const { status, purge } = clientOf(provider());
    provider().answer(late(200));
    const before = await provider().token();
    const waiting = status(before);
    await vi.waitFor(() => expect(provider().fetches).toBe(1));
    await provider().rotate();
    provider().answer(keysWith());
    purge();
    for (let sent = 0; sent < further; sent++) expect(await status()).toBe(200);
    expect(await waiting).toBe(401);
    expect(await status(before)).toBe(401);
    expect(provider().fetches).toBe(2);
  });
});
