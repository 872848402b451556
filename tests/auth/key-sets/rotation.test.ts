import { describe, expect, test } from "vitest";
import { expectProblem } from "../../lib/harness.ts";
import { startIdentityProvider, text } from "../identity-provider/identity-provider.ts";
import { clientOf, forge, passSeconds, useProvider } from "./client.ts";

const provider = useProvider();

describe("a new key", () => {
  test("under a new kid is picked up at once, and the old one is gone", async () => {
    const { status } = clientOf(provider());
    const before = await provider().token();
    expect(await status(before)).toBe(200);
    passSeconds(30);
    await provider().rotate();
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
    expect(await status(before)).toBe(401);
  });

  test("beside the old one leaves that good", async () => {
    const { status } = clientOf(provider());
    const before = await provider().token();
    await status(before);
    passSeconds(30);
    await provider().rotate({ keeps: true });
    expect(await status()).toBe(200);
    expect(await status(before)).toBe(200);
    expect(provider().fetches).toBe(2);
  });

  test("under the same kid is picked up at once, and the old one is gone", async () => {
    const { status } = clientOf(provider());
    const before = await provider().token();
    await status(before);
    passSeconds(30);
    await provider().replace();
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
    expect(await status(before)).toBe(401);
  });

  test.each(["rotate", "replace"] as const)("is fetched once for 100 requests that come together (%s)", async (how) => {
    const { status } = clientOf(provider());
    await status();
    passSeconds(30);
    await provider()[how]();
    const statuses = await Promise.all(Array.from({ length: 100 }, () => status()));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(provider().fetches).toBe(2);
  });

  test("that came while a signature was checked is used without another fetch", async () => {
    const { status } = clientOf(provider());
    await status();
    passSeconds(30);
    await provider().replace();
    const statuses: Promise<number>[] = [];
    for (let index = 0; index < 60; index++) {
      statuses.push(status());
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
    expect(provider().fetches).toBe(2);
  });

  test("in a stale set is waited for", async () => {
    const { status } = clientOf(provider());
    await status();
    passSeconds(700);
    await provider().rotate();
    expect(await status()).toBe(200);
    expect(provider().fetches).toBe(2);
  });
});

const floodSize = 10_000;
const floodSeconds = 120;

/** Sends the flood over two minutes, and gives how often keys were fetched in the busiest minute of it. */
async function flood(status: (token: string) => Promise<number>, tokenOf: (index: number) => string): Promise<number> {
  const fetchedAt: number[] = [];
  const perSecond = Math.ceil(floodSize / floodSeconds);
  for (let second = 0, sent = 0; second < floodSeconds; second++, passSeconds(1)) {
    const before = provider().fetches;
    const statuses = await Promise.all(Array.from({ length: perSecond }, () => status(tokenOf(sent++))));
    expect(new Set(statuses)).toEqual(new Set([401]));
    for (let fetch = before; fetch < provider().fetches; fetch++) fetchedAt.push(second);
  }
  const inMinuteFrom = (start: number): number => fetchedAt.filter((at) => at >= start && at < start + 60).length;
  return Math.max(...fetchedAt.map(inMinuteFrom));
}

describe("a flood of 10,000 requests in two minutes", () => {
  test("with unknown kids causes at most two fetches a minute", async () => {
    const { status } = clientOf(provider());
    await status();
    expect(await flood(status, (index) => forge(provider().issuer, `kid-${index}`))).toBe(2);
  });

  test("with bad signatures under a known kid causes at most two fetches a minute", async () => {
    const { status } = clientOf(provider());
    const token = await provider().token();
    await status(token);
    const [header, claims] = token.split(".");
    const signature = (index: number): string =>
      Buffer.from(Array.from({ length: 64 }, (_, at) => (index * 31 + at * 7 + 1) % 256)).toString("base64url");
    expect(await flood(status, (index) => `${header}.${claims}.${signature(index)}`)).toBe(2);
  });

  test("with both shares the two", async () => {
    const { status } = clientOf(provider());
    await status();
    const kids = ["key-1", "key-2"];
    expect(await flood(status, (index) => forge(provider().issuer, kids[index % 2] ?? ""))).toBe(2);
  });

  test("does not keep a new key, or one under the same kid, from being used within 30 seconds", async () => {
    const { status } = clientOf(provider());
    await status();
    for (const how of ["rotate", "replace"] as const) {
      // Right after a fetch that the flood caused: the worst moment.
      for (let fetched = provider().fetches; provider().fetches === fetched; passSeconds(1))
        await Promise.all([status(forge(provider().issuer, "x")), status(forge(provider().issuer, "key-1"))]);
      await provider()[how]();
      let seconds = 0;
      while ((await status()) !== 200) {
        await Promise.all([status(forge(provider().issuer, "x")), status(forge(provider().issuer, "key-1"))]);
        passSeconds(1);
        seconds++;
      }
      expect(seconds).toBeLessThanOrEqual(30);
    }
  });
});

describe("a renewal that fails", () => {
  test("counts as an attempt; an unknown kid is refused while the set is fresh, which is the provider's word", async () => {
    const { send, status } = clientOf(provider());
    await status();
    passSeconds(40);
    provider().answer(text("", 500));
    for (let second = 0; second < 30; second++, passSeconds(1)) {
      await expectProblem(await send(forge(provider().issuer, "unknown")), 401, "invalid_token");
      expect(await status()).toBe(200);
    }
    expect(provider().fetches).toBe(2);
    await send(forge(provider().issuer, "unknown"));
    expect(provider().fetches).toBe(3);
  });

  test("makes an unknown kid a 503 once the set is stale, for nobody can know", async () => {
    const { send, status } = clientOf(provider());
    await status();
    passSeconds(3000);
    provider().answer(text("", 500));
    const response = await send(forge(provider().issuer, "unknown"));
    await expectProblem(response, 503, "auth_unavailable");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(await status()).toBe(200);
  });

  test("leaves a bad signature under a known kid what it is", async () => {
    const { send, status } = clientOf(provider());
    await status();
    passSeconds(40);
    await provider().goDown();
    await expectProblem(await send(forge(provider().issuer, "key-1")), 401, "invalid_token");
  });
});

test("a token of another issuer's key under a known kid is refused", async () => {
  const other = await startIdentityProvider();
  try {
    const { status } = clientOf(provider());
    await status();
    expect(await status(await other.token({ claims: { iss: provider().issuer } }))).toBe(401);
  } finally {
    await other.close();
  }
});
