import { expect, test } from "vitest";
import { memoryStore, policy } from "../../src/index.ts";
import { get, ok, recorder, tokens } from "../lib/harness.ts";

const rateLimit = { limit: 1000, windowSeconds: 60 } as const;
const chain = { "X-Forwarded-For": "198.51.100.7" };

type Config = Parameters<typeof policy>[0];

/** The warnings of three requests of a peer. */
async function warningsOf(
  config: Config,
  clientIp: string | undefined,
  fields: Record<string, string> = chain,
): Promise<readonly string[]> {
  const { events, onEvent } = recorder();
  const api = policy({ ...config, onEvent });
  for (let count = 0; count < 3; count++) await api.run(get("/", fields), { clientIp }, ok);
  return events.flatMap((event) => (event.type === "warning" ? [`${event.code}: ${event.message}`] : []));
}

const warning = (name: string, declaration: string): string =>
  `forwarded_ignored: a peer with a private address, a proxy probably, sends ${name}, which is not believed: limits by address count everybody behind it as one client; declare it with clientIp: ${declaration}`;

test.each([
  ..."10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 127.0.0.1 100.64.0.1 100.127.255.255".split(" "),
  ..."::1 fc00::1 fdff::1 fe80::1%eth0 febf::1 ::ffff:10.0.0.1 0:0:0:0:0:0:0:1".split(" "),
])("a chain from the private peer %s makes one warning, with the fix", async (peer) => {
  expect(await warningsOf({ rateLimit }, peer)).toEqual([warning("x-forwarded-for", "{ trustedHops: 1 }")]);
});

test("so does Forwarded, with the fix for it", async () => {
  expect(await warningsOf({ rateLimit }, "10.0.0.1", { Forwarded: "for=198.51.100.7" })).toEqual([
    warning("forwarded", '{ trustedHops: 1, header: "forwarded" }'),
  ]);
});

test.each([
  ..."9.255.255.255 11.0.0.1 172.15.0.1 172.32.0.1 192.167.0.1 192.169.0.1 100.63.0.1 100.128.0.1 128.0.0.1".split(" "),
  ..."1.10.0.1 101.0.0.1 100.6.0.1 198.51.100.7 ::2 1::1 fbff::1 fe00::1 fec0::1 2001:db8::1 fc::1 2001:fc00::1".split(
    " ",
  ),
])("a client on the internet cannot cause it from %s", async (peer) => {
  expect(await warningsOf({ rateLimit }, peer)).toEqual([]);
});

test("nor can a request without such a field, or of an unknown peer", async () => {
  expect(await warningsOf({ rateLimit }, "10.0.0.1", { "X-Real-IP": "198.51.100.7" })).toEqual([]);
  expect(await warningsOf({ rateLimit }, undefined)).toEqual([expect.stringMatching(/^client_ip_unknown/)]);
});

test.each<readonly [string, Config]>([
  ["hops", { clientIp: { trustedHops: 1 } }],
  ["proxies", { clientIp: { trustedProxies: ["192.0.2.0/24"] } }],
  ["a field", { clientIp: { header: "x-real-ip" } }],
])("nothing warns where %s are declared", async (_name, config) => {
  expect(await warningsOf({ rateLimit, ...config }, "10.0.0.1")).toEqual([]);
});

test.each<readonly [string, Config]>([
  ["no limit", {}],
  ["a limit by something else", { rateLimit: { ...rateLimit, by: () => "everybody" } }],
  ["a limit by the request", { rateLimit: { ...rateLimit, dangerouslyBy: () => "everybody" } }],
  ["a limit by identity", { auth: tokens, authFailures: "off", rateLimit: { ...rateLimit, by: () => "everybody" } }],
])("nothing warns where there is %s", async (_name, config) => {
  expect(await warningsOf(config, "10.0.0.1")).toEqual([]);
});

test.each<readonly [string, Config]>([
  ["bad credentials", { auth: tokens }],
  ["a limit that only reports", { rateLimit: { ...rateLimit, mode: "report" } }],
  ["a limit of a route", { routes: { "/": { rateLimit } } }],
  ["the direct peer by choice", { rateLimit, clientIp: { ipv6PrefixBits: 48 } }],
])("it comes for %s too", async (_name, config) => {
  expect(await warningsOf(config, "10.0.0.1")).toHaveLength(1);
});

test("it comes once for all handlers and routes of a policy, and once for another policy with its store", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ rateLimit, store: memoryStore(), routes: { "/other": { rateLimit } }, onEvent });
  const other = api.with({ handlerTimeoutMs: 1000 });
  for (const path of ["/", "/other", "/"]) {
    for (const { run } of [api.prepare({}, ok), api.prepare({ methods: ["GET"] }, ok), other.prepare({}, ok)]) {
      await run(get(path, chain), { clientIp: "127.0.0.1" });
    }
  }
  expect(events.map(({ code }) => code)).toEqual(["forwarded_ignored", "forwarded_ignored"]);
});

test("no field is looked at unless the peer is private, and none once it was told", async () => {
  const read: string[] = [];
  const watched = (): Request => {
    const request = get("/", chain);
    const has = request.headers.has.bind(request.headers);
    request.headers.has = (name) => {
      read.push(name);
      return has(name);
    };
    return request;
  };
  const api = policy({ rateLimit, onEvent: () => {} });
  const forwardedRead = (): number => read.filter((name) => name.includes("forwarded")).length;
  await api.run(watched(), { clientIp: "198.51.100.7" }, ok);
  expect(forwardedRead()).toBe(0);
  for (let count = 0; count < 3; count++) await api.run(watched(), { clientIp: "10.0.0.1" }, ok);
  expect(forwardedRead()).toBe(1);
});

test("a handler that asks for a limit late warns as well", async () => {
  const { events, onEvent } = recorder();
  const api = policy({ onEvent });
  const late = api.prepare({ rateLimit: { ...rateLimit, name: "late" } }, ok);
  await api.run(get("/", chain), { clientIp: "10.0.0.1" }, async (request, context) => {
    await late.tighten(context, request);
    return ok();
  });
  expect(events.map(({ code }) => code)).toEqual(["forwarded_ignored"]);
});
