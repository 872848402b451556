import { expect, test } from "vitest";
import { addressBehind, addressSeen, peer, requestWith } from "./support.ts";

const clientIp = { header: "X-Real-IP" };

test.each([
  ["198.51.100.7", "198.51.100.7"],
  ["::ffff:198.51.100.7", "198.51.100.7"],
  ["[2001:db8::7]:443", "2001:db8:0:0:0:0:0:7"],
  ["fe80::7%eth0", "fe80:0:0:0:0:0:0:7"],
])("the value %s of the one field is the client %s", async (value, expected) => {
  expect(await addressBehind(clientIp, value, "x-real-ip")).toBe(expected);
  expect(await addressBehind(clientIp, value, "x-real-ip", "")).toBe(expected);
});

test.each([
  "",
  "unknown",
  "_hidden",
  "198.51.100.7, 198.51.100.8",
  "198.51.100.7,",
  "198.51.100.256",
  "x".repeat(9000),
])("%#: a field without exactly one address leaves the peer", async (value) => {
  expect(await addressBehind(clientIp, value, "x-real-ip")).toBe(peer);
});

test("a field that came twice, or not at all, leaves the peer", async () => {
  const twice = requestWith([
    ["x-real-ip", "198.51.100.7"],
    ["x-real-ip", "198.51.100.7"],
  ]);
  expect(await addressSeen(clientIp, twice)).toBe(peer);
  expect(await addressSeen(clientIp, requestWith([]))).toBe(peer);
  expect(await addressSeen(clientIp, requestWith([["x-forwarded-for", "198.51.100.7"]]))).toBe(peer);
  expect(await addressSeen(clientIp, requestWith([]), "")).toBeUndefined();
});
