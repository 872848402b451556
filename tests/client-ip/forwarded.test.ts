import { describe, expect, test } from "vitest";
import { parseForwardedElement } from "../../src/client-ip/forwarded.ts";
import { addressBehind, addressSeen, peer, requestWith } from "./support.ts";

const behind = (forwarded: string, trustedHops = 1): Promise<string | undefined> =>
  addressBehind({ trustedHops, header: "forwarded" }, forwarded, "forwarded");

test.each([
  ["for=192.0.2.60", "192.0.2.60"],
  ["For=192.0.2.60", "192.0.2.60"],
  ["FOR=192.0.2.60;PROTO=http", "192.0.2.60"],
  ['for="192.0.2.60"', "192.0.2.60"],
  ['for="192.0.2.60:8080"', "192.0.2.60"],
  ['for="192.0.2.60:_port"', "192.0.2.60"],
  ["for=192.0.2.60:8080", "192.0.2.60"],
  ['for="[2001:db8:cafe::17]"', "2001:db8:cafe:0:0:0:0:17"],
  ['For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe:0:0:0:0:17"],
  ['for="[2001:db8:cafe::17]:_obf.port-1"', "2001:db8:cafe:0:0:0:0:17"],
  ["for=[2001:db8:cafe::17]:4711", "2001:db8:cafe:0:0:0:0:17"],
  ['for="[::ffff:192.0.2.60]"', "192.0.2.60"],
  ['for="[::FFFF:c000:23c]:1"', "192.0.2.60"],
  ['for="\\1\\9\\2.0.2.60"', "192.0.2.60"],
  ["for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"],
  ["by=203.0.113.43;for=192.0.2.60", "192.0.2.60"],
  ["for=192.0.2.60; proto=https ;\tby=203.0.113.43", "192.0.2.60"],
  [";for=192.0.2.60;;", "192.0.2.60"],
  ['secret="a;b,for=203.0.113.9\\",\\\\";for=192.0.2.60', "192.0.2.60"],
  ['for=203.0.113.9;host="a,b", for=192.0.2.60;host="c,\\"d"', "192.0.2.60"],
])("%s comes from %s", async (forwarded, expected) => {
  expect(await behind(forwarded)).toBe(expected);
  expect(await behind(`for=203.0.113.9, ${forwarded}`)).toBe(expected);
  expect(await behind(`${forwarded}, for=10.0.0.1`, 2)).toBe(expected);
});

test.each([
  "for=unknown",
  "for=Unknown",
  "for=_hidden",
  "for=_SEVKISEK",
  'for="_gazonk:80"',
  'for="unknown:80"',
  "proto=https",
  "for=",
  'for=""',
  "for",
  "=192.0.2.60",
  "for =192.0.2.60",
  "for= 192.0.2.60",
  "for=192.0.2.60 8080",
  "for=192.0.2.60;for=192.0.2.60",
  "for=192.0.2.60;For=192.0.2.61",
  "for=192.0.2.60;host=a;host=b",
  'for="192.0.2.60',
  'for="192.0.2.60\\"',
  'for=192.0.2.60"',
  'for="192.0.2.60"x',
  "for=192.0.2.60;proto",
  "for=192.0.2.60;pro to=x",
  "for='192.0.2.60'",
  "for=(192.0.2.60)",
  "for=192.0.2.600",
  "192.0.2.60",
  "for=192.0.2.60/24",
])("%s is no address: neither the peer nor what a client wrote takes its place", async (element) => {
  expect(await behind(element)).toBeUndefined();
  expect(await behind(`for=203.0.113.9, ${element}`)).toBeUndefined();
});

describe("what a client sends ahead", () => {
  test.each([
    'for="203.0.113.9',
    'for="',
    '"',
    'for="\\',
    'for="a\\"',
    'for="203.0.113.9, for=\\"',
    'for="x\\\\\\',
    '","',
    ",,,",
    ";;;",
    'for=203.0.113.9;host=","',
    "x".repeat(5000),
    '"'.repeat(5001),
    "\\".repeat(5000),
    '\\"'.repeat(2500),
  ])("%#: neither swallows nor moves the elements of trusted proxies", async (sent) => {
    for (const own of [
      "for=198.51.100.7",
      'for="198.51.100.7"',
      'for="198.51.100.7";host="a\\"b,c"',
      'host="\\\\";for=198.51.100.7',
    ]) {
      expect(await behind(`${sent}, ${own}`)).toBe("198.51.100.7");
      expect(await behind(`${sent},${own}`)).toBe("198.51.100.7");
      expect(await behind(`${sent}, ${own}, for="10.0.0.1"`, 2)).toBe("198.51.100.7");
    }
  });
});

test("several lines are one chain, and a short one leaves the peer", async () => {
  const request = requestWith([
    ["forwarded", "for=203.0.113.9"],
    ["Forwarded", 'for="[2001:db8::7]";proto=https, for=10.0.0.1'],
  ]);
  const clientIp = (trustedHops: number) => ({ trustedHops, header: "forwarded" });
  expect(await addressSeen(clientIp(1), request)).toBe("10.0.0.1");
  expect(await addressSeen(clientIp(2), request)).toBe("2001:db8:0:0:0:0:0:7");
  expect(await addressSeen(clientIp(3), request)).toBe("203.0.113.9");
  expect(await addressSeen(clientIp(4), request)).toBe(peer);
  expect(await addressSeen(clientIp(1), requestWith([]))).toBe(peer);
});

test("trusted proxies are walked through Forwarded too", async () => {
  const clientIp = { trustedProxies: ["10.0.0.0/8", "2001:db8::/32"], header: "forwarded" };
  const chain = 'for=203.0.113.9, for=198.51.100.7, for="[2001:db8::2]:_a", for="10.0.0.3:80"';
  expect(await addressBehind(clientIp, chain, "forwarded", "10.0.0.1")).toBe("198.51.100.7");
  expect(await addressBehind(clientIp, chain, "forwarded", "198.51.100.1")).toBe("198.51.100.1");
  expect(await addressBehind(clientIp, `for=198.51.100.7, for=_edge`, "forwarded", "10.0.0.1")).toBeUndefined();
});

test("parameters are given by lower-case name, unquoted", () => {
  const element = parseForwardedElement('For="[2001:db8::1]:80";Proto=HTTPS; host="a \\"b\\" \\\\";by=_x;x-Own=1');
  expect(Object.fromEntries(element ?? [])).toEqual({
    for: "[2001:db8::1]:80",
    proto: "HTTPS",
    host: 'a "b" \\',
    by: "_x",
    "x-own": "1",
  });
  expect(parseForwardedElement("")?.size).toBe(0);
});
