import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trustedProxies } from "../../src/zod.ts";
import { options, timeoutMs } from "../fuzz/support.ts";
import { mistakesOf } from "./support.ts";

const refusal = (entry: string): string =>
  `${JSON.stringify(entry)} is neither an address nor a network such as 10.0.0.0/8`;

describe("trustedProxies()", () => {
  test.each([
    ["10.0.0.0/8", ["10.0.0.0/8"]],
    ["10.0.0.0/8, 172.16.0.0/12,192.168.0.0/16", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]],
    [" 192.0.2.1 ,\n 2001:db8::/32 ,", ["192.0.2.1", "2001:db8::/32"]],
    ["255.255.255.255/32", ["255.255.255.255/32"]],
    ["128.0.0.0/1", ["128.0.0.0/1"]],
    ["::1", ["::1"]],
    ["2001:DB8::/32", ["2001:DB8::/32"]],
    ["fd00::/8,fe80::/10", ["fd00::/8", "fe80::/10"]],
    ["2001:db8:1:2:3:4:5:6/128", ["2001:db8:1:2:3:4:5:6/128"]],
    ["8000::/1", ["8000::/1"]],
    ["::ffff:10.0.0.0/104", ["::ffff:10.0.0.0/104"]],
  ])("%j is %j", (text, expected) => {
    expect(trustedProxies().parse(text)).toEqual(expected);
  });

  test.each([
    "10.0.0.0/33",
    "10.0.0.0/128",
    "10.0.0.0/-1",
    "10.0.0.0/+8",
    "10.0.0.0/08",
    "10.0.0.0/8.0",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0 /8",
    "10.0.0.0/255.0.0.0",
    "/8",
    "256.0.0.0/8",
    "10.0.0/8",
    "10.0.0.0.0",
    "010.0.0.0",
    "0x0a.0.0.0",
    "10.0.0.*",
    "10.0.0.1-10.0.0.9",
    "10.0.0.1:80",
    "2001:db8::/129",
    "2001:db8::/1000",
    "2001:db8::/ff",
    "2001:db8:::/32",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    "[::1]",
    "[2001:db8::]/32",
    "fe80::1%eth0",
    "::ffff:10.0.0.256",
    "localhost",
    "loadbalancer.example.com",
    "https://10.0.0.1",
    "*",
    "any",
    "\u0663.1.1.1",
  ])("refuses %j", (text) => {
    expect(mistakesOf(trustedProxies(), text)).toEqual([refusal(text)]);
  });

  test.each(["", " ", ",", " ,\n"])("refuses %j as an empty list", (text) => {
    expect(mistakesOf(trustedProxies(), text)).toEqual(["must be a comma list of addresses; it is empty"]);
  });

  test.each(["0.0.0.0/0", "::/0"])("refuses %j: who trusts everybody lets clients choose their address", (text) => {
    const mistake = `${JSON.stringify(text)} trusts everybody: name the networks of your proxies`;
    expect(mistakesOf(trustedProxies(), text)).toEqual([mistake]);
  });

  test("reports every entry that is wrong, in order", () => {
    expect(mistakesOf(trustedProxies(), "a, 10.0.0.0/8, ::/129")).toEqual([refusal("a"), refusal("::/129")]);
  });

  test.each([undefined, null, 7, ["10.0.0.0/8"]])("refuses %j, which is no text", (value) => {
    expect(
      trustedProxies()
        .safeParse(value)
        .error?.issues.map(({ code }) => code),
    ).toEqual(["invalid_type"]);
  });

  const bits = fc.option(fc.integer({ min: 1, max: 140 }), { nil: undefined });
  const network = fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), bits)
    .map(([address, length]) => (length === undefined ? address : `${address}/${length}`));
  const near = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:./, %[]") });

  test(
    "accepts only what the block list of Node accepts, every address of it, and throws nothing for any text",
    () => {
      fc.assert(
        fc.property(fc.oneof(network, near, fc.string({ unit: "binary" })), (text) => {
          const entries = text.split(",").flatMap((entry) => entry.trim() || []);
          const isAccepted = entries.length > 0 && entries.every(isBlockable);
          const { success } = trustedProxies().safeParse(text);
          // Node's list also takes networks with bits set behind the prefix, and the ones that trust everybody.
          if (success || !text.includes("/")) expect([text, success]).toEqual([text, isAccepted]);
        }),
        options,
      );
    },
    timeoutMs,
  );
});

/** The reference: Node's own reading of addresses and networks. */
function isBlockable(entry: string): boolean {
  const [address = "", length, ...rest] = entry.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || rest.length > 0) return false;
  if (length === undefined) return true;
  if (!/^(0|[1-9]\d*)$/.test(length)) return false;
  try {
    new BlockList().addSubnet(address, Number(length), version === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}
