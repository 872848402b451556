import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normaliseAddress } from "../../src/lib/ip-address.ts";
import { addressBehind, addressSeen, requestWith } from "./support.ts";

const trustedProxies = ["10.0.0.0/8", "192.0.2.7", "2001:db8:ffff::/48"];
const behind = (chain: string, peer = "10.0.0.1"): Promise<string | undefined> =>
  addressBehind({ trustedProxies }, chain, "x-forwarded-for", peer);

test.each([
  ["198.51.100.1", "198.51.100.1"],
  ["203.0.113.9, 198.51.100.1", "198.51.100.1"],
  ["198.51.100.1, 10.0.0.2", "198.51.100.1"],
  ["203.0.113.9, 198.51.100.1, 192.0.2.7, 10.255.255.255", "198.51.100.1"],
  ["198.51.100.1, 2001:db8:ffff:1::5", "198.51.100.1"],
  ["198.51.100.1, ::ffff:10.0.0.2, [2001:db8:ffff::]:80", "198.51.100.1"],
  ["198.51.100.1, ::ffff:a00:2", "198.51.100.1"],
  ["198.51.100.1, 192.0.2.8", "192.0.2.8"],
  ["198.51.100.1, 2001:db8:fffe::1", "2001:db8:fffe:0:0:0:0:1"],
  ["198.51.100.1, 11.0.0.1, 10.0.0.2", "11.0.0.1"],
])("behind trusted peers, %s comes from %s", async (chain, expected) => {
  for (const peer of ["10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1:5000", "192.0.2.7", "2001:db8:ffff:ffff::1%eth0"]) {
    expect(await behind(chain, peer)).toBe(expected);
  }
});

test.each(["9.255.255.255", "11.0.0.0", "192.0.2.6", "192.0.2.8", "2001:db8:fffe::1", "2001:db9:ffff::1"])(
  "the peer %s is not trusted, so it is the client whatever it sends",
  async (peer) => {
    for (const chain of ["198.51.100.1", "10.0.0.1", "198.51.100.1, 10.0.0.1", "unknown", ""]) {
      expect(await behind(chain, peer)).toBe(normaliseAddress(peer));
    }
  },
);

test("a peer that the platform does not know is nobody's proxy", async () => {
  expect(await behind("198.51.100.1", "")).toBeUndefined();
});

test("where everybody in the chain is trusted, the leftmost is the client", async () => {
  expect(await behind("10.0.0.3, 10.0.0.2")).toBe("10.0.0.3");
  expect(await behind("10.0.0.2")).toBe("10.0.0.2");
  expect(await addressSeen({ trustedProxies }, requestWith([]), "10.0.0.1")).toBe("10.0.0.1");
});

test.each(["unknown", "_secret", "", "198.51.100.999"])(
  "a trusted proxy that names %j gives no address: not the proxy's, not one further left",
  async (entry) => {
    expect(await behind(`198.51.100.1, ${entry}, 10.0.0.2`)).toBeUndefined();
    expect(await behind(`203.0.113.9, 198.51.100.1, ${entry}`)).toBeUndefined();
  },
);

test("an address that is not named is never passed, however it is written", async () => {
  expect(await behind("203.0.113.9, unknown, 198.51.100.1")).toBe("198.51.100.1");
});

describe("networks", () => {
  test.each([
    ["10.1.2.0/23", "10.1.3.255", true],
    ["10.1.2.0/23", "10.1.4.0", false],
    ["10.1.2.4/30", "10.1.2.7", true],
    ["10.1.2.4/30", "10.1.2.8", false],
    ["128.0.0.0/1", "255.0.0.1", true],
    ["128.0.0.0/1", "127.0.0.1", false],
    ["10.1.2.4/32", "10.1.2.4", true],
    ["10.1.2.4/32", "10.1.2.5", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["2001:db8::1/128", "2001:db8::1", true],
    ["2001:db8::1/128", "2001:db8::2", false],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1", true],
    ["::ffff:10.0.0.0/104", "10.9.9.9", true],
    ["::ffff:10.0.0.1", "10.0.0.1", true],
    ["::/96", "10.0.0.1", false],
    ["10.0.0.0/8", "a00::1", false],
    ["fe80::/10", "febf::1%eth0", true],
  ])("%s and the peer %s: %s", async (network, peer, isTrusted) => {
    const seen = await addressBehind({ trustedProxies: [network] }, "198.51.100.1", "x-forwarded-for", peer);
    expect(seen === "198.51.100.1").toBe(isTrusted);
  });
});

test("walking agrees with a plain reference", async () => {
  const isTrusted = (address: string): boolean => /^10\.|^2001:db8:ffff:|^192\.0\.2\.7$/.test(address);
  const entry = fc.oneof(
    fc.constantFrom(
      "10.0.0.1",
      "10.9.8.7",
      "192.0.2.7",
      "2001:db8:ffff::9",
      "::ffff:10.1.1.1",
      "[2001:db8:ffff::1]:80",
    ),
    fc.constantFrom("198.51.100.1", "2001:db8::1", "11.0.0.1", "192.0.2.70:80", "unknown", "_x", "", "10.0.0"),
    fc.ipV4(),
  );
  const reference = (peer: string, entries: readonly string[]): string | undefined => {
    const [first, ...further] = [...entries, peer].map(normaliseAddress).reverse();
    let client = first;
    for (const next of further) {
      if (client === undefined || !isTrusted(client)) break;
      client = next;
    }
    return client;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("10.0.0.1", "198.51.100.9", "::ffff:192.0.2.7"),
      fc.array(entry, { maxLength: 6 }),
      async (peer, entries) => {
        const text = entries.join(", ");
        // One empty entry alone is an empty field, which has no entries.
        expect(await behind(text, peer)).toBe(reference(peer, text === "" ? [] : entries));
      },
    ),
    { numRuns: 500 },
  );
});
