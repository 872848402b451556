import { afterAll, beforeAll, expect, test } from "vitest";
import {
  drip,
  huge,
  type IdentityProvider,
  keysWith,
  late,
  redirectTo,
  silence,
  startIdentityProvider,
} from "../identity-provider/identity-provider.ts";
import { forge } from "./client.ts";
import { type Running, type Runtime, start } from "./start.ts";

/** What must hold of key sets on every runtime, with its own `fetch`, timers and rules for waiting. */
export function keySetsOn(runtime: Runtime): void {
  let provider: IdentityProvider;
  let running: Running;
  beforeAll(async () => {
    provider = await startIdentityProvider();
    const { issuer, jwksUrl } = provider;
    running = await start(runtime, { issuer, jwksUrl: `${jwksUrl}?key=canary` });
  });
  afterAll(async () => {
    await running?.stop();
    await provider?.close();
  });

  const send = (token: string, path = "/", signal?: AbortSignal): Promise<Response> =>
    fetch(new URL(path, running.url), {
      headers: { authorization: `Bearer ${token}` },
      ...(signal !== undefined && { signal }),
    });
  const statusOf = async (token: string, path?: string): Promise<number> => {
    const response = await send(token, path);
    await response.arrayBuffer();
    return response.status;
  };

  /** Forgets the keys, and begins to count fetches. */
  async function cold(): Promise<() => number> {
    provider.answer(keysWith());
    expect((await fetch(new URL("/purge", running.url))).status).toBe(204);
    const before = provider.fetches;
    return () => provider.fetches - before;
  }

  test("100 requests that come together, without keys, cause one fetch, and none waits for nothing", async () => {
    const fetches = await cold();
    provider.answer(late(200));
    const token = await provider.token();
    const begun = performance.now();
    const statuses = await Promise.all(Array.from({ length: 100 }, () => statusOf(token)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(performance.now() - begun).toBeLessThan(2500);
    expect(fetches()).toBe(1);
  });

  test("1000 requests with unknown kids and bad signatures, a few seconds after a fetch, cause none", async () => {
    const fetches = await cold();
    await statusOf(await provider.token());
    for (let round = 0; round < 10; round++) {
      const tokens = Array.from({ length: 100 }, (_, at) => forge(provider.issuer, at % 2 ? "key-1" : `x-${at}`));
      const statuses = await Promise.all(tokens.map((token) => statusOf(token)));
      expect(new Set(statuses)).toEqual(new Set([401]));
    }
    expect(fetches()).toBe(1);
  });

  test("the client that caused the fetch may leave: those who wait get their answer", async () => {
    const fetches = await cold();
    provider.answer(late(600));
    const token = await provider.token();
    const leaving = new AbortController();
    const left = send(token, "/", leaving.signal).catch((error: unknown) => Object(error).name);
    await expect.poll(fetches).toBe(1);
    const waiting = Array.from({ length: 10 }, () => statusOf(token));
    await new Promise((resolve) => setTimeout(resolve, 100));
    leaving.abort();
    expect(await left).toBe("AbortError");
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([200]));
    expect(fetches()).toBe(1);
  });

  test("a provider that is down is 503 with Retry-After, and is found when it is back", async () => {
    await cold();
    await provider.goDown();
    const token = await provider.token();
    const response = await send(token, "/");
    await provider.comeBack();
    expect({ status: response.status, retryAfter: response.headers.get("retry-after") }).toEqual({
      status: 503,
      retryAfter: "1",
    });
    expect(response.headers.has("www-authenticate")).toBe(false);
    await expect.poll(() => statusOf(token), { timeout: 3000, interval: 200 }).toBe(200);
    const told = await (await fetch(new URL("/told", running.url))).text();
    expect(told).toContain(`the key set ${provider.jwksUrl} cannot be fetched`);
    expect(told).not.toContain("canary"); // the query may be a secret, and Bun and Deno show it in their errors
  });

  test.each([
    ["that never answers", silence],
    ["that never ends its answer", drip],
  ])("a provider %s is given up after 3 seconds", async (_, answer) => {
    const fetches = await cold();
    provider.answer(answer);
    const token = await provider.token();
    const begun = performance.now();
    const statuses = await Promise.all(Array.from({ length: 5 }, () => statusOf(token)));
    expect(statuses).toEqual(Array(5).fill(503));
    expect(performance.now() - begun).toBeGreaterThan(2900);
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(fetches()).toBe(1);
  });

  test("a redirect is not followed, and 10 MiB are not read", async () => {
    await cold();
    provider.answer(redirectTo(`${provider.jwksUrl}?again`));
    expect(await statusOf(await provider.token())).toBe(503);
    await cold();
    let taken = 0;
    provider.answer(
      huge(10_485_760, (bytes) => {
        taken = bytes;
      }),
    );
    expect(await statusOf(await provider.token())).toBe(503);
    await expect.poll(() => taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(8_000_000); // with what sockets buffer
  });
}
