import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { app, hello, requestFrom } from "./support.ts";

/** Which of these origins a list allows. */
async function allowed(origins: readonly string[], candidates: readonly string[]): Promise<readonly string[]> {
  const fetch = policy({ cors: { origins } })(hello);
  const passed: string[] = [];
  for (const origin of candidates) {
    const response = await fetch(requestFrom(origin));
    const answer = response.headers.get("access-control-allow-origin");
    expect([null, origin]).toContain(answer);
    if (answer !== null) passed.push(origin);
  }
  return passed;
}

describe("an exact origin", () => {
  test.each([
    "https://app.example.com",
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
    "https://xn--bcher-kva.example",
    "https://app.example.com:8443",
    "capacitor://localhost",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
  ])("%s allows itself and nothing near it", async (origin) => {
    const near = [
      `${origin}.`,
      `${origin}/`,
      `${origin} `.repeat(2).trim(),
      `${origin}.evil.example`,
      `${origin}0`,
      origin.slice(0, -1),
      origin.replace("://", "://a."),
      origin.replace("://", "://a"),
      origin.replace("://", "://user@"),
      origin.replace("://", ":"),
      origin.toUpperCase(),
      `x${origin}`,
      `${origin}, ${origin}`,
      `${origin}\u00a0`,
      `${origin}%00`,
    ];
    expect(await allowed([origin], [origin, ...near])).toEqual([origin]);
  });
});

describe("a wildcard of hosts", () => {
  test("stands for one or more whole labels", async () => {
    const good = [
      "https://a.example.com",
      "https://a.b.c.example.com",
      "https://xn--bcher-kva.example.com",
      "https://a_b-c.example.com",
    ];
    const bad = [
      "https://example.com",
      "https://.example.com",
      "https://a..example.com",
      "https://evilexample.com",
      "https://a.evilexample.com",
      "https://a.example.com.evil.example",
      "https://a.example.com.",
      "https://a.example.com:8443",
      "https://a.example.com:443",
      "http://a.example.com",
      "https://A.example.com",
      "https://a%2eb.example.com",
      "https://a b.example.com",
      "https://user@a.example.com",
      "https://evil.example?.example.com",
      "https://evil.example#.example.com",
      "https://evil.example/.example.com",
      "https://evil.example\\.example.com",
      "https://evil.example:1@a.example.com",
      "https://evil.example, https://a.example.com",
      "https://*.example.com",
      "https://\u00e9.example.com",
      `https://${"a".repeat(64)}.example.com`,
    ];
    expect(await allowed(["https://*.example.com"], [...good, ...bad])).toEqual(good);
  });

  test("stands for hosts of 253 characters at most", async () => {
    const longest = `https://${"a.".repeat(121)}example.com`;
    expect(longest.length - "https://".length).toBe(253);
    const candidates = [longest, longest.replace("a.", "ab.")];
    expect(await allowed(["https://*.example.com"], candidates)).toEqual([longest]);
  });

  test("keeps to its port", async () => {
    const candidates = ["https://a.example.com:8443", "https://a.example.com", "https://a.example.com:8444"];
    expect(await allowed(["https://*.example.com:8443"], candidates)).toEqual(candidates.slice(0, 1));
  });

  test("and the host itself are two entries", async () => {
    const both = ["https://example.com", "https://a.example.com"];
    expect(await allowed(["https://*.example.com", "https://example.com"], both)).toEqual(both);
  });

  test("below another wildcard adds to it", async () => {
    const origins = ["https://*.example.com", "https://*.b.example.com:8443", "https://c.b.example.com:9443"];
    const good = [
      "https://b.example.com",
      "https://a.b.example.com",
      "https://a.b.example.com:8443",
      "https://c.b.example.com:9443",
    ];
    const bad = ["https://b.example.com:8443", "https://a.b.example.com:9443", "https://a.example.com:8443"];
    expect(await allowed(origins, [...good, ...bad])).toEqual(good);
  });

  test("exists below localhost and for app schemes", async () => {
    expect(await allowed(["http://*.localhost:*"], ["http://a.localhost:3000", "http://localhost:3000"])).toEqual([
      "http://a.localhost:3000",
    ]);
    expect(await allowed(["myapp://*.example.com"], ["myapp://a.example.com", "https://a.example.com"])).toEqual([
      "myapp://a.example.com",
    ]);
  });
});

describe("a wildcard port", () => {
  test("stands for every port and for none", async () => {
    const good = ["http://localhost", "http://localhost:1", "http://localhost:3000", "http://localhost:65535"];
    const bad = [
      "http://localhost:",
      "http://localhost:0",
      "http://localhost:80",
      "http://localhost:03000",
      "http://localhost:65536",
      "http://localhost:99999",
      "http://localhost:3000a",
      "http://localhost:+3000",
      "http://localhost:3000:3000",
      "http://localhost:3e3",
      "http://localhost:*",
      "https://localhost:3000",
      "http://a.localhost:3000",
      "http://localhost.:3000",
      "http://localhost:3000/",
      "http://localhost:3000@evil.example",
    ];
    expect(await allowed(["http://localhost:*"], [...good, ...bad])).toEqual(good);
  });

  test("exists for IPv6 addresses", async () => {
    const candidates = [
      "http://[::1]:3000",
      "http://[::1]",
      "http://[::2]:3000",
      "http://[::1]3000",
      "http://::1:3000",
    ];
    expect(await allowed(["http://[::1]:*"], candidates)).toEqual(candidates.slice(0, 2));
  });

  test("goes with a wildcard of hosts", async () => {
    const good = ["https://a.example.com", "https://a.b.example.com:8443"];
    const bad = ["https://example.com", "https://example.com:8443", "https://a.example.com:443"];
    expect(await allowed(["https://*.example.com:*"], [...good, ...bad])).toEqual(good);
  });
});

test("a list of 10,000 entries of every kind allows exactly its entries", async () => {
  const numbers = Array.from({ length: 2_500 }, (_, index) => index + 1);
  const origins = numbers.flatMap((n) => [
    `https://exact${n}.example.com`,
    `https://*.wild${n}.example.org`,
    `http://localhost:${n + 1024}`,
    `https://any${n}.example.net:*`,
  ]);
  const good = [
    "https://exact2500.example.com",
    "https://a.b.wild2500.example.org",
    "http://localhost:3524",
    "https://any1.example.net:77",
  ];
  const bad = [
    "https://exact2501.example.com",
    "https://wild2500.example.org",
    "http://localhost:80",
    "https://a.any1.example.net:77",
  ];
  expect(await allowed(origins, [...good, ...bad])).toEqual(good);
});

test("entries may repeat", async () => {
  expect(await allowed([app, app], [app])).toEqual([app]);
});
