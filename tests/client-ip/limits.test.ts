import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { memoryStore, policy } from "../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../lib/harness.ts";
import { type ClientIpOptions, type Lines, peer, requestWith } from "./support.ts";

const rateLimit = { limit: 1, windowSeconds: 3600 } as const;

/** Whether two requests take from one bucket of one request. */
async function share(
  clientIp: ClientIpOptions,
  first: Lines,
  second: Lines,
  platform: { readonly clientIp?: string } = { clientIp: peer },
): Promise<boolean> {
  const api = policy({ rateLimit, clientIp, onEvent: silent });
  expect((await api.run(requestWith(first), platform, ok)).status).toBe(200);
  const response = await api.run(requestWith(second), platform, ok);
  if (response.status !== 200) await expectProblem(response, 429, "rate_limited");
  return response.status !== 200;
}

const xff = (value: string): Lines => [["x-forwarded-for", value]];
const forwarded = (value: string): Lines => [["forwarded", value]];

test("rotating every field that proxies write never gives a fresh bucket to a client without them", async () => {
  const names = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip"];
  for (const config of [{}, { clientIp: { trustedProxies: ["10.0.0.0/8"] } }]) {
    const api = policy({ rateLimit, ...config });
    for (let count = 0; count < 20; count++) {
      const lines = names.map(
        (name) => [name, name === "forwarded" ? `for=198.51.100.${count}` : `198.51.100.${count}`] as const,
      );
      const response = await api.run(requestWith([...lines, ["user-agent", `${count}`]]), { clientIp: peer }, ok);
      if (count === 0) expect(response.status).toBe(200);
      else await expectProblem(response, 429, "rate_limited");
    }
  }
});

test.each<readonly [string, ClientIpOptions, (own: string, sent: string) => Lines]>([
  ["trustedHops", { trustedHops: 1 }, (own, sent) => xff(`${sent}, ${own}`)],
  ["trustedProxies", { trustedProxies: [peer] }, (own, sent) => xff(`${sent}, ${own}`)],
  [
    "Forwarded",
    { trustedHops: 1, header: "forwarded" },
    (own, sent) => [...xff(sent), ...forwarded(`for="${sent}, for="${own}"`)],
  ],
  ["a field alone", { header: "x-real-ip" }, (own, sent) => [["x-real-ip", own], ...xff(sent)]],
])("with %s, clients are told apart and what they send ahead changes nothing", async (_name, clientIp, linesOf) => {
  const one = "203.0.113.1";
  expect(await share(clientIp, linesOf(one, "198.51.100.1"), linesOf(one, "198.51.100.2"))).toBe(true);
  expect(await share(clientIp, linesOf(one, "198.51.100.1"), linesOf("203.0.113.2", "198.51.100.1"))).toBe(false);
});

test.each<readonly [string, ClientIpOptions, (own: string, sent: string) => Lines]>([
  ["X-Forwarded-For", { trustedHops: 1 }, (own, sent) => xff(`${sent}, ${own}`)],
  ["Forwarded", { trustedHops: 1, header: "forwarded" }, (own, sent) => forwarded(`for=${sent}, for=${own}`)],
])("what a client sends ahead of its address in %s is not kept with it", async (_name, clientIp, linesOf) => {
  const api = policy({ rateLimit, clientIp, onEvent: silent });
  const before = heapUsed();
  for (let index = 0; index < 2000; index++) {
    const own = `203.113.1${String(index % 50).padStart(2, "0")}.1${String(Math.floor(index / 50)).padStart(2, "0")}`;
    const response = await api.run(requestWith(linesOf(own, "x".repeat(15_000))), {}, ok);
    expect(response.status).toBe(200);
  }
  expect(heapUsed() - before).toBeLessThan(10_000_000); // 30 MB came
  expect((await api.run(requestWith(linesOf("203.113.100.100", "x")), {}, ok)).status).toBe(429);
});

/** What is in use after a garbage collection. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

describe("the network of an IPv6 client", () => {
  const hops = (ipv6PrefixBits?: number): ClientIpOptions => ({
    trustedHops: 1,
    ...(ipv6PrefixBits !== undefined && { ipv6PrefixBits }),
  });

  test.each([
    [undefined, "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    [undefined, "2001:db8:1:2::1", "2001:db8:1:3::1", false],
    [64, "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    [48, "2001:db8:1:2::1", "2001:db8:1:ffff::1", true],
    [48, "2001:db8:1::1", "2001:db8:2::1", false],
    [56, "2001:db8:1:2ff::1", "2001:db8:1:200::1", true],
    [56, "2001:db8:1:2ff::1", "2001:db8:1:300::1", false],
    [61, "2001:db8:1:8::1", "2001:db8:1:f::1", true],
    [61, "2001:db8:1:7::1", "2001:db8:1:8::1", false],
    [32, "2001:db8::1", "2001:db8:ffff::1", true],
    [33, "2001:db8:7fff::1", "2001:db8:8000::1", false],
    [127, "2001:db8::2", "2001:db8::3", true],
    [127, "2001:db8::1", "2001:db8::2", false],
    [128, "2001:db8::1", "2001:db8::2", false],
    [128, "2001:db8::1", "2001:DB8:0::0001", true],
    [32, "198.51.100.1", "198.51.100.2", false],
    [32, "::ffff:198.51.100.1", "::ffff:198.51.100.2", false],
    [32, "::ffff:198.51.100.1", "198.51.100.1", true],
  ])("of %s bits: %s and %s are one client: %s", async (bits, first, second, isOne) => {
    expect(await share(hops(bits), xff(first), xff(second))).toBe(isOne);
  });

  test("is set for direct peers too", async () => {
    const api = policy({ rateLimit, clientIp: { ipv6PrefixBits: 48 } });
    expect((await api.run(get(), { clientIp: "2001:db8:1:2::1" }, ok)).status).toBe(200);
    await expectProblem(await api.run(get(), { clientIp: "2001:db8:1:3::1" }, ok), 429, "rate_limited");
  });
});

describe("an unknown address", () => {
  const unknown: readonly (readonly [string, ClientIpOptions, Lines, { readonly clientIp?: string }])[] = [
    ["no peer", { ipv6PrefixBits: 64 }, [], {}],
    ["no peer and no chain", { trustedHops: 1 }, [], {}],
    ["a hop that says unknown", { trustedHops: 1 }, xff("198.51.100.1, unknown"), { clientIp: peer }],
    ["an obfuscated hop", { trustedProxies: [peer], header: "forwarded" }, forwarded("for=_x"), { clientIp: peer }],
  ];

  test.each(unknown)("is skipped with one warning: %s", async (_name, clientIp, lines, platform) => {
    const { events, onEvent } = recorder();
    for (const options of [clientIp, { ...clientIp, onUnknownAddress: "skip" as const }]) {
      const api = policy({ rateLimit, clientIp: options, onEvent });
      for (let count = 0; count < 3; count++) {
        const response = await api.run(requestWith(lines), platform, ok);
        expect([response.status, response.headers.get("ratelimit")]).toEqual([200, null]);
      }
    }
    expect(events).toMatchObject([{ code: "client_ip_unknown" }, { code: "client_ip_unknown" }]);
  });

  test.each(unknown)(`is one bucket with "shared": %s`, async (_name, clientIp, lines, platform) => {
    const { events, onEvent } = recorder();
    const api = policy({ rateLimit, clientIp: { ...clientIp, onUnknownAddress: "shared" }, onEvent });
    expect((await api.run(requestWith(lines), platform, ok)).status).toBe(200);
    await expectProblem(await api.run(requestWith(lines), platform, ok), 429, "rate_limited");
    expect(events.filter(({ type }) => type === "warning")).toEqual([]);
    const known = requestWith([
      ["x-forwarded-for", "198.51.100.9"],
      ["forwarded", "for=198.51.100.9"],
    ]);
    expect((await api.run(known, { clientIp: peer }, ok)).status).toBe(200);
  });

  test.each(unknown)(`is 403 with "refuse": %s`, async (_name, clientIp, lines, platform) => {
    const api = policy({ rateLimit, clientIp: { ...clientIp, onUnknownAddress: "refuse" } });
    const response = await api.run(requestWith(lines), platform, ok);
    expect(response.headers.get("ratelimit")).toBeNull();
    expect(response.headers.get("retry-after")).toBeNull();
    await expectProblem(response, 403, "client_address_unknown");
  });

  test("is nobody's business where no limit counts addresses", async () => {
    const api = policy({
      clientIp: { trustedHops: 1, onUnknownAddress: "refuse" },
      rateLimit: { ...rateLimit, by: ({ path }) => path },
      onEvent: silent,
    });
    expect((await api.run(get("/a"), {}, ok)).status).toBe(200);
    expect(
      (await policy({ clientIp: { header: "x-real-ip", onUnknownAddress: "refuse" } }).run(get(), {}, ok)).status,
    ).toBe(200);
  });
});

test("with() replaces the trust, and the store is kept", async () => {
  const store = memoryStore();
  const api = policy({ rateLimit, store, clientIp: { trustedHops: 1 } });
  const request = (): Request => requestWith(xff("198.51.100.1, 198.51.100.2"));
  expect((await api.run(request(), { clientIp: peer }, ok)).status).toBe(200);
  await expectProblem(await api.run(request(), { clientIp: peer }, ok), 429, "rate_limited");
  const further = api.with({ clientIp: { trustedHops: 2 } });
  expect((await further.run(request(), { clientIp: peer }, ok)).status).toBe(200);
  expect((await api.with({ clientIp: { ipv6PrefixBits: 56 } }).run(request(), { clientIp: peer }, ok)).status).toBe(
    200,
  );
});
