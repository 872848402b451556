import fc from "fast-check";
import { expect, test } from "vitest";
import { addressKey, isIn, isNetwork, normaliseAddress, parseNetwork } from "../../src/lib/ip-address.ts";

test.each([
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["192.0.2.1:65535", "192.0.2.1"],
  ["::", "0:0:0:0:0:0:0:0"],
  ["::1", "0:0:0:0:0:0:0:1"],
  ["2001:0DB8:0:0:8:0800:200C:417A", "2001:db8:0:0:8:800:200c:417a"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["1::", "1:0:0:0:0:0:0:0"],
  ["::ffff:0:0", "0.0.0.0"],
  ["::ffff:255.255.255.255", "255.255.255.255"],
  ["::1.2.3.4", "0:0:0:0:0:0:102:304"],
  ["[::1]", "0:0:0:0:0:0:0:1"],
  ["fe80::1%25en0", "fe80:0:0:0:0:0:0:1"],
  ["[fe80::1%eth0]:443", "fe80:0:0:0:0:0:0:1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ["[::ffff:192.0.2.1]:1", "192.0.2.1"],
  ["::ffff:192.0.2.1%eth0", "192.0.2.1"],
  ["0:0:0:0:0:FFFF:C000:0201", "192.0.2.1"],
  ["::fffe:192.0.2.1", "0:0:0:0:0:fffe:c000:201"],
  ["1::ffff:192.0.2.1", "1:0:0:0:0:ffff:c000:201"],
])("%s is %s", (text, expected) => {
  expect(normaliseAddress(text)).toBe(expected);
});

test.each([
  "",
  " ",
  "1.2.3.4 ",
  "1.2.3.4\n",
  "256.0.0.1",
  "1.2.3",
  "1.2.3.4.",
  ".1.2.3.4",
  "00.1.2.3",
  "0x7f.0.0.1",
  "localhost",
  ":",
  "1::2::3",
  "1:2:3:4:5:6:7:8:9",
  "12345::",
  "::1]",
  "::1/64",
  "::1#",
  "@::1",
  "::ffff:1.2.3.256",
  "1:2:3:4:5:6:7:8::",
  "1:2:3:4:5:6:7",
  "1.2.3.4::1",
  "::1.2.3.4:1",
  "1:::2",
  "::01.2.3.4",
  ":1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7:8:",
  "1.2.3.4:",
  "1.2.3.4:x",
  "1.2.3.4:123456",
  "1.2.3.4%eth0",
  "[::1",
  "[::1]x",
  "[::1]:",
  "[]",
  "%eth0",
  `::1%${"x".repeat(1000)}`,
])("%j is no address", (text) => {
  expect(normaliseAddress(text)).toBeUndefined();
});

test("every IPv4 address is the same mapped, bare and with a port", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(normaliseAddress(address)).toBe(address);
      expect(normaliseAddress(`::ffff:${address}`)).toBe(address);
      expect(normaliseAddress(`${address}:80`)).toBe(address);
      expect(addressKey(address)).toBe(address);
    }),
  );
});

test("normalising twice changes nothing, and a key is the first 64 bits", () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const once = normaliseAddress(address);
      if (once === undefined) throw new Error(`${address} was not read`);
      expect(normaliseAddress(once)).toBe(once);
      if (once.includes(":")) {
        expect(once.split(":")).toHaveLength(8);
        expect(addressKey(once)).toBe(`${once.split(":").slice(0, 4).join(":")}::/64`);
      }
    }),
  );
});

test("IPv6 is read as the URL parser reads it", () => {
  const hostOf = (text: string): string | undefined => {
    try {
      return new URL(`http://[${text}]`).hostname;
    } catch {
      return undefined;
    }
  };
  const text = fc.oneof(
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF::::...."), maxLength: 24 }),
    fc
      .array(fc.constantFrom("0", "1", "ffff", "00", "0db8", "12345", "", "", "1.2.3.4", "01.2.3.4"), { maxLength: 10 })
      .map((parts) => parts.join(":")),
  );
  let read = 0;
  fc.assert(
    fc.property(
      text.filter((one) => one.includes(":") && !/^[\d.]+:\d+$/.test(one)),
      (one) => {
        const ours = normaliseAddress(one);
        if (ours !== undefined) read++;
        const theirs = hostOf(one);
        expect(ours === undefined ? undefined : hostOf(ours.includes(":") ? ours : `::ffff:${ours}`)).toBe(theirs);
      },
    ),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(500);
});

test("a key keeps exactly the bits that it is asked for", () => {
  const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
  const asBits = (all: readonly number[]): bigint =>
    BigInt(`0x${all.map((one) => one.toString(16).padStart(4, "0")).join("")}`);
  const textOf = (all: readonly number[]): string => all.map((one) => one.toString(16)).join(":");
  fc.assert(
    fc.property(groups, fc.integer({ min: 32, max: 128 }), fc.nat(127), (all, bits, flipped) => {
      const other = asBits(all) ^ (1n << BigInt(127 - flipped));
      const otherGroups = all.map((_one, index) => Number((other >> BigInt(112 - index * 16)) & 0xffffn));
      const isSame = addressKey(textOf(all), bits) === addressKey(textOf(otherGroups), bits);
      expect(isSame).toBe(flipped >= bits);
      expect(addressKey(textOf(all), bits).endsWith(`/${bits}`)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [32, "2001:db8::/32"],
  [52, "2001:db8:0:a000::/52"],
  [64, "2001:db8:0:abcd::/64"],
  [127, "2001:db8:0:abcd:0:0:0:0/127"],
  [128, "2001:db8:0:abcd:0:0:0:1/128"],
])("the key of %i bits is a network", (bits, key) => {
  expect(addressKey("2001:db8:0:abcd:0:0:0:1", bits)).toBe(key);
});

test("being in a network agrees with comparing numbers", () => {
  const number = fc.nat(0xffffffff);
  const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
  fc.assert(
    fc.property(number, number, fc.integer({ min: 1, max: 32 }), fc.boolean(), (value, other, bits, isNear) => {
      const mask = (0xffffffff << (32 - bits)) >>> 0;
      const first = (value & mask) >>> 0;
      const tested = isNear ? (first ^ (other & 3) ^ (other & 1 ? ~mask & other : 0)) >>> 0 : other;
      const network = parseNetwork(`${dotted(first)}/${bits}`);
      if (typeof network === "string") throw new Error(network);
      expect(isIn([network], dotted(tested))).toBe((tested & mask) >>> 0 === first);
      expect(isIn([network], `::ffff:${dotted(tested)}`)).toBe((tested & mask) >>> 0 === first);
      expect(isNetwork(`${dotted(value)}/${bits}`)).toBe(first === value);
    }),
    { numRuns: 1000 },
  );
});

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.[]%/") })), (text) => {
      expect(["string", "undefined"]).toContain(typeof normaliseAddress(text));
    }),
    { numRuns: 2000 },
  );
});
