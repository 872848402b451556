import { expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { expectMistake, mistakesIn } from "../lib/harness.ts";

test.each([
  [{ trustedHops: 1 }],
  [{ trustedHops: 10, header: "Forwarded" }],
  [{ trustedProxies: ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1", "::ffff:10.0.0.0/104", "128.0.0.0/1"] }],
  [{ trustedProxies: ["10.0.0.1"], header: "x-forwarded-for" }],
  [{ header: "CF-Connecting-IP" }],
  [{ header: "x-real-ip", ipv6PrefixBits: 32, onUnknownAddress: "refuse" }],
  [{ ipv6PrefixBits: 128 }],
  [{ onUnknownAddress: "shared" }],
])("takes %j", (clientIp) => {
  expect(mistakesIn({ clientIp })).toEqual([]);
});

test.each<readonly [object, string, RegExp]>([
  [{}, "clientIp", /says nothing: write trustedHops, trustedProxies or header, or leave clientIp out/],
  [{ trustedHops: 0 }, "clientIp.trustedHops", /0 must be a whole number of proxies from 1 to 10/],
  [{ trustedHops: 11 }, "clientIp.trustedHops", /from 1 to 10/],
  [{ trustedHops: 1.5 }, "clientIp.trustedHops", /from 1 to 10/],
  [{ trustedHops: true }, "clientIp.trustedHops", /from 1 to 10/],
  [{ trustedHops: "1" }, "clientIp.trustedHops", /from 1 to 10/],
  [{ trustedHops: 1, trustedProxies: ["10.0.0.0/8"] }, "clientIp.trustedHops", /contradicts trustedProxies/],
  [{ trustedProxies: [] }, "clientIp.trustedProxies", /is empty: list the proxies/],
  [{ trustedProxies: "10.0.0.0/8" }, "clientIp.trustedProxies", /a list of strings/],
  [{ trustedProxies: [7] }, "clientIp.trustedProxies", /a list of strings/],
  [{ trustedProxies: ["0.0.0.0/0"] }, "clientIp.trustedProxies[0]", /trusts everybody/],
  [{ trustedProxies: ["10.0.0.1", "::/0"] }, "clientIp.trustedProxies[1]", /trusts everybody/],
  [{ trustedProxies: ["::ffff:0:0/96"] }, "clientIp.trustedProxies[0]", /trusts everybody/],
  [{ trustedProxies: ["10.0.0.1/8"] }, "clientIp.trustedProxies[0]", /bits set behind its prefix: write "10.0.0.0\/8"/],
  [{ trustedProxies: ["10.1.2.3/31"] }, "clientIp.trustedProxies[0]", /write "10.1.2.2\/31"/],
  [{ trustedProxies: ["192.0.2.1/0"] }, "clientIp.trustedProxies[0]", /write "0.0.0.0\/0"/],
  [{ trustedProxies: ["2001:db8::1/32"] }, "clientIp.trustedProxies[0]", /write "2001:db8::\/32"/],
  [{ trustedProxies: ["2001:db8:a0:ffff::/52"] }, "clientIp.trustedProxies[0]", /write "2001:db8:a0:f000::\/52"/],
  [{ trustedProxies: ["::ffff:10.0.0.1/104"] }, "clientIp.trustedProxies[0]", /write "10.0.0.0\/8"/],
  [{ trustedProxies: ["10.0.0.0/33"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["2001:db8::/129"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["10.0.0.0/08"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["10.0.0.0/"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["10.0.0.0/8/8"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["10.0.0.0/255.0.0.0"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["10.*"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["loopback"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["proxy.example.com"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["10.0.0.1:80"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["fe80::1%eth0"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: [" 10.0.0.1"] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ trustedProxies: ["1".repeat(9000)] }, "clientIp.trustedProxies[0]", /neither an address nor a network/],
  [{ header: "" }, "clientIp.header", /is not the name of a field/],
  [{ header: "x real ip" }, "clientIp.header", /is not the name of a field/],
  [{ header: 7 }, "clientIp.header", /is not the name of a field/],
  [{ trustedHops: 1, header: "x:y" }, "clientIp.header", /is not the name of a field/],
  [{ header: "X-Forwarded-For" }, "clientIp.header", /is a chain to which clients can add: write trustedHops or/],
  [{ header: "Forwarded" }, "clientIp.header", /is a chain to which clients can add: write trustedHops or/],
  [{ trustedHops: 1, ipv6PrefixBits: 31 }, "clientIp.ipv6PrefixBits", /from 32 to 128/],
  [{ trustedHops: 1, ipv6PrefixBits: 129 }, "clientIp.ipv6PrefixBits", /from 32 to 128/],
  [{ trustedHops: 1, onUnknownAddress: "allow" }, "clientIp.onUnknownAddress", /"skip", "shared", "refuse"/],
  [{ trustProxy: true, trustedHops: 1 }, "clientIp.trustProxy", /unknown option.*trustedHops/],
  [{ header: undefined, trustedHops: 1 }, "clientIp.header", /is undefined/],
])("refuses %j", (clientIp, path, message) => {
  expectMistake({ clientIp }, path, message);
});

test.each([true, 1, "x-forwarded-for", null, ["10.0.0.1"]])("refuses clientIp: %j", (clientIp) => {
  expectMistake({ clientIp }, "clientIp", /is not an object of options/);
});

test("the compiler refuses two ways at once", () => {
  const config = { trustedHops: 1, trustedProxies: ["10.0.0.1"] } as const;
  // @ts-expect-error: one way only
  expect(() => policy({ clientIp: config })).toThrow(/contradicts/);
  // @ts-expect-error: a number, not a switch
  expect(() => policy({ clientIp: { trustedHops: true } })).toThrow(/from 1 to 10/);
  // @ts-expect-error: no such option
  expect(() => policy({ clientIp: { header: "x-real-ip", trustProxy: true } })).toThrow(/unknown option/);
});

test("names every mistake at once", () => {
  const clientIp = { trustedProxies: ["10.0.0.1/8", "x"], ipv6PrefixBits: 1, onUnknownAddress: 1, hops: 1 };
  expect(mistakesIn({ clientIp }).map((mistake) => mistake.split(": ", 1)[0])).toEqual([
    "clientIp.trustedProxies[0]",
    "clientIp.trustedProxies[1]",
    "clientIp.ipv6PrefixBits",
    "clientIp.onUnknownAddress",
    "clientIp.hops",
  ]);
});

test("describe() shows who is trusted", () => {
  expect(policy().describe().clientIp).toBe("peer");
  const clientIp = { trustedProxies: ["10.0.0.0/8"], header: "forwarded" };
  expect(policy({ clientIp }).describe().clientIp).toEqual(clientIp);
});

test("a list that is changed later changes nothing", async () => {
  const trustedProxies = ["10.0.0.0/8"];
  const api = policy({ clientIp: { trustedProxies } });
  trustedProxies.push("192.0.2.0/24");
  const request = new Request("https://a.example/", { headers: { "x-forwarded-for": "198.51.100.1" } });
  const seen: unknown[] = [];
  await api.run(request, { clientIp: "192.0.2.1" }, (_request, { clientIp }) => {
    seen.push(clientIp);
    return new Response(null);
  });
  expect(seen).toEqual(["192.0.2.1"]);
});
