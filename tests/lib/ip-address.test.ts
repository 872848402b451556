import fc from "fast-check";
import { expect, test } from "vitest";
import { addressKey, normaliseAddress } from "../../src/lib/ip-address.ts";

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

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.[]%/") })), (text) => {
      expect(["string", "undefined"]).toContain(typeof normaliseAddress(text));
    }),
    { numRuns: 2000 },
  );
});
