import { describe, expect, test } from "vitest";
import { addressBehind, addressSeen, peer, requestWith } from "./support.ts";

const chain = "198.51.100.1, 198.51.100.2, 198.51.100.3";

test.each([
  [1, "198.51.100.3"],
  [2, "198.51.100.2"],
  [3, "198.51.100.1"],
  [4, peer],
  [10, peer],
])("behind %i proxies the client is the entry so far from the right, %s", async (trustedHops, expected) => {
  expect(await addressBehind({ trustedHops }, chain)).toBe(expected);
});

test("a request without the chain comes from the peer", async () => {
  expect(await addressSeen({ trustedHops: 1 })).toBe(peer);
  expect(await addressBehind({ trustedHops: 1 }, "")).toBe(peer);
  expect(await addressBehind({ trustedHops: 2 }, "198.51.100.1")).toBe(peer);
});

test("a peer that the platform does not know stays unknown behind a short chain, and is not needed behind a whole one", async () => {
  expect(await addressSeen({ trustedHops: 1 }, requestWith([]), "")).toBeUndefined();
  expect(await addressBehind({ trustedHops: 1 }, "198.51.100.1", "x-forwarded-for", "")).toBe("198.51.100.1");
});

test.each([
  ["198.51.100.7", "198.51.100.7"],
  ["198.51.100.7:4711", "198.51.100.7"],
  ["::ffff:198.51.100.7", "198.51.100.7"],
  ["::FFFF:c633:6407", "198.51.100.7"],
  ["0:0:0:0:0:ffff:198.51.100.7", "198.51.100.7"],
  ["[::ffff:198.51.100.7]:80", "198.51.100.7"],
  ["2001:DB8::7", "2001:db8:0:0:0:0:0:7"],
  ["[2001:db8::7]", "2001:db8:0:0:0:0:0:7"],
  ["[2001:db8::7]:65535", "2001:db8:0:0:0:0:0:7"],
  ["fe80::7%eth0", "fe80:0:0:0:0:0:0:7"],
  ["[fe80::7%25en0]:80", "fe80:0:0:0:0:0:0:7"],
])("reads %s as %s", async (entry, expected) => {
  expect(await addressBehind({ trustedHops: 1 }, `203.0.113.9, ${entry}`)).toBe(expected);
  expect(await addressBehind({ trustedHops: 1 }, `203.0.113.9,\t${entry}`)).toBe(expected);
});

test.each(["unknown", "_hidden", "-", "198.51.100", "198.51.100.256", "198.51.100.7 198.51.100.8", '"198.51.100.7"'])(
  "where the trusted entry is %s, the address is unknown, not the peer's and not what a client wrote",
  async (entry) => {
    expect(await addressBehind({ trustedHops: 1 }, `203.0.113.9, ${entry}`)).toBeUndefined();
  },
);

describe("what a client sends ahead", () => {
  test.each([
    "203.0.113.9",
    "203.0.113.9, 203.0.113.10",
    ",",
    ",,,,",
    " , ,",
    '"',
    '"203.0.113.9, ',
    "for=203.0.113.9",
    "x".repeat(5000),
    "203.0.113.9, ".repeat(1000),
    ",".repeat(5000),
    '"'.repeat(5000),
    "\\",
  ])("%#: never moves the entry of the trusted proxy", async (sent) => {
    expect(await addressBehind({ trustedHops: 1 }, `${sent}, 198.51.100.7`)).toBe("198.51.100.7");
    expect(await addressBehind({ trustedHops: 2 }, `${sent}, 198.51.100.7, 10.0.0.1`)).toBe("198.51.100.7");
    const lines = requestWith([
      ["x-forwarded-for", sent],
      ["x-forwarded-for", "198.51.100.7"],
    ]);
    expect(await addressSeen({ trustedHops: 1 }, lines)).toBe("198.51.100.7");
  });
});

test("an empty entry has a place: what stands to its left never takes it", async () => {
  expect(await addressBehind({ trustedHops: 1 }, "203.0.113.9, ")).toBeUndefined();
  expect(await addressBehind({ trustedHops: 2 }, "203.0.113.9, , 10.0.0.1")).toBeUndefined();
  expect(await addressBehind({ trustedHops: 1 }, "203.0.113.9, , 198.51.100.7")).toBe("198.51.100.7");
});

test("several lines are one chain", async () => {
  const request = requestWith([
    ["x-forwarded-for", "203.0.113.9"],
    ["x-forwarded-for", "198.51.100.7"],
    ["x-forwarded-for", "10.0.0.1"],
  ]);
  expect(await addressSeen({ trustedHops: 2 }, request)).toBe("198.51.100.7");
});

test("a chain of more than 2 KiB is read at its right end only", async () => {
  const long = `${"203.0.113.9, ".repeat(400)}198.51.100.7, 10.0.0.1`;
  expect(await addressBehind({ trustedHops: 2 }, long)).toBe("198.51.100.7");
  const cut = `198.51.100.7, ${"x".repeat(2100)}, 10.0.0.1`;
  expect(await addressBehind({ trustedHops: 1 }, cut)).toBe("10.0.0.1");
  expect(await addressBehind({ trustedHops: 2 }, cut)).toBe(peer);
  expect(await addressBehind({ trustedHops: 1 }, `${"1".repeat(3000)}98.51.100.7`)).toBe(peer);
});

test("the chain may be in another field, whose name is read in any case", async () => {
  for (const header of ["x-cluster-client-ips", "X-Cluster-Client-IPs"]) {
    const request = requestWith([
      ["x-cluster-client-ips", "203.0.113.9, 198.51.100.7"],
      ["x-forwarded-for", "203.0.113.10"],
    ]);
    expect(await addressSeen({ trustedHops: 1, header }, request)).toBe("198.51.100.7");
  }
});

test("Forwarded is never preferred by being there, nor X-Forwarded-For where Forwarded is the chain", async () => {
  const request = requestWith([
    ["forwarded", "for=198.51.100.8"],
    ["x-forwarded-for", "198.51.100.7"],
  ]);
  expect(await addressSeen({ trustedHops: 1 }, request)).toBe("198.51.100.7");
  expect(await addressSeen({ trustedHops: 1, header: "Forwarded" }, request)).toBe("198.51.100.8");
  const withoutChain = requestWith([["forwarded", "for=198.51.100.8"]]);
  expect(await addressSeen({ trustedHops: 1 }, withoutChain)).toBe(peer);
});
