import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { expectProblem, ok } from "../lib/harness.ts";
import { type ClientIpOptions, type Lines, requestWith } from "./support.ts";

const byProxy: ClientIpOptions = { trustedProxies: ["10.0.0.0/8"] };
const byHops: ClientIpOptions = { trustedHops: 1 };
const byForwarded: ClientIpOptions = { trustedHops: 1, header: "forwarded" };
const proxy = { clientIp: "10.0.0.1" };
const inside = "http://api.example.com/";
const client = ["x-forwarded-for", "198.51.100.7"] as const;

interface Seen {
  readonly isHttps: boolean;
  readonly hsts: string | null;
}

/** What `requireHttps` and HSTS make of a request. */
async function schemeSeen(clientIp: ClientIpOptions | undefined, request: Request, platform = proxy): Promise<Seen> {
  const trust = clientIp === undefined ? {} : { clientIp };
  const strict = await policy({ ...trust, requireHttps: true }).run(request, platform, ok);
  if (strict.status !== 200) await expectProblem(strict.clone(), 403, "https_required");
  const lax = await policy(trust).run(request, platform, ok);
  return { isHttps: strict.status === 200, hsts: lax.headers.get("strict-transport-security") };
}

const secureSeen: Seen = { isHttps: true, hsts: "max-age=63072000" };
const plainSeen: Seen = { isHttps: false, hsts: null };

describe("the scheme behind a proxy that ends TLS", () => {
  test.each<readonly [string, ClientIpOptions, Lines]>([
    ["X-Forwarded-Proto, trusted addresses", byProxy, [client, ["x-forwarded-proto", "https"]]],
    ["X-Forwarded-Proto, trusted hops", byHops, [client, ["x-forwarded-proto", "https"]]],
    ["any case", byHops, [client, ["x-forwarded-proto", "HTTPS"]]],
    ["a WebSocket over TLS", byHops, [client, ["x-forwarded-proto", "wss"]]],
    ["proto of Forwarded", byForwarded, [["forwarded", "for=198.51.100.7;proto=https"]]],
    ["quoted proto of Forwarded", byForwarded, [["forwarded", 'proto="https";for=_hidden']]],
    [
      "the same place",
      byHops,
      [
        ["x-forwarded-for", "1.1.1.1, 198.51.100.7"],
        ["x-forwarded-proto", "http, https"],
      ],
    ],
    [
      "the same place, two hops away",
      { trustedHops: 2 },
      [
        ["x-forwarded-for", "198.51.100.7, 10.0.0.2"],
        ["x-forwarded-proto", "https, http"],
      ],
    ],
    [
      "one value for every place",
      { trustedHops: 2 },
      [
        ["x-forwarded-for", "198.51.100.7, 10.0.0.2"],
        ["x-forwarded-proto", "https"],
      ],
    ],
    [
      "the client's element of Forwarded, not its neighbours'",
      { ...byProxy, header: "forwarded" },
      [["forwarded", "for=1.1.1.1;proto=http, for=198.51.100.7;proto=https, for=10.0.0.2;proto=http"]],
    ],
  ])("is known from %s", async (_name, clientIp, lines) => {
    expect(await schemeSeen(clientIp, requestWith(lines, inside))).toEqual(secureSeen);
  });

  test.each<readonly [string, ClientIpOptions | undefined, Lines]>([
    [
      "nobody is trusted",
      undefined,
      [client, ["x-forwarded-proto", "https"], ["forwarded", "for=1.1.1.1;proto=https"]],
    ],
    [
      "only an address is trusted",
      { header: "x-real-ip" },
      [
        ["x-real-ip", "198.51.100.7"],
        ["x-forwarded-proto", "https"],
      ],
    ],
    ["the peer is not trusted", { trustedProxies: ["172.16.0.0/12"] }, [client, ["x-forwarded-proto", "https"]]],
    ["the chain is too short", { trustedHops: 2 }, [client, ["x-forwarded-proto", "https"]]],
    ["there is no chain", byHops, [["x-forwarded-proto", "https"]]],
    ["the other field is the chain", byForwarded, [client, ["x-forwarded-proto", "https"]]],
    ["Forwarded is not the chain", byHops, [client, ["forwarded", "for=198.51.100.7;proto=https"]]],
    ["the element is malformed", byForwarded, [["forwarded", "for=1.1.1.1;proto=https;proto=https"]]],
    [
      "the place has no value",
      { trustedHops: 3 },
      [
        ["x-forwarded-for", "1.1.1.1, 2.2.2.2, 3.3.3.3"],
        ["x-forwarded-proto", "https, https"],
      ],
    ],
    ["another scheme is named", byHops, [client, ["x-forwarded-proto", "httpsx"]]],
    ["the value is empty", byHops, [client, ["x-forwarded-proto", ""]]],
    [
      "the client writes ahead",
      byHops,
      [
        ["x-forwarded-for", "1.1.1.1, 198.51.100.7"],
        ["x-forwarded-proto", "https, http"],
      ],
    ],
    [
      "two proxies disagree, and the client's says http",
      byHops,
      [client, ["x-forwarded-proto", "https"], ["x-forwarded-proto", "http"]],
    ],
  ])("is that of the URL, http, where %s", async (_name, clientIp, lines) => {
    expect(await schemeSeen(clientIp, requestWith(lines, inside))).toEqual(plainSeen);
  });

  test("a client that spoke http to the proxy spoke http, though the proxy speaks TLS to us", async () => {
    const request = requestWith([client, ["x-forwarded-proto", "http"]], "https://api.example.com/");
    expect(await schemeSeen(byProxy, request)).toEqual(plainSeen);
  });

  test("without a word of the proxy, the URL says it", async () => {
    expect(await schemeSeen(byProxy, requestWith([client], "https://api.example.com/"))).toEqual(secureSeen);
  });
});

describe("Strict-Transport-Security", () => {
  const hsts = async (lines: Lines, url = inside, clientIp = byProxy): Promise<boolean> => {
    const request = requestWith([client, ["x-forwarded-proto", "https"], ...lines], url);
    return (await schemeSeen(clientIp, request)).hsts !== null;
  };

  test.each<readonly [string, boolean]>([
    ["api.example.com", true],
    ["api.example.com:8443", true],
    ["API.Example.com", true],
    ["localhost", false],
    ["LOCALHOST:3000", false],
    ["app.localhost", false],
    ["192.0.2.1", false],
    ["192.0.2.1:8443", false],
    ["[2001:db8::1]:8443", false],
  ])("looks at the forwarded host %s", async (host, isSent) => {
    expect(await hsts([["x-forwarded-host", host]], "http://localhost:3000/")).toBe(isSent);
    expect(await hsts([["x-forwarded-host", host]], inside)).toBe(isSent);
  });

  test.each(["", "a b", "a/b", "https://api.example.com", "api.example.com:x", "a@b", "[::1", "a,,"])(
    "passes over %j, which is no host",
    async (host) => {
      expect(await hsts([["x-forwarded-host", host]])).toBe(true);
      expect(await hsts([["x-forwarded-host", host]], "http://localhost/")).toBe(false);
    },
  );

  test.each(["", ":80", "[", "1", "a b", "x".repeat(5000), `${".".repeat(5000)}localhosts`])(
    "is not left out for the strange Host %#",
    async (host) => {
      const direct = await policy()(ok)(requestWith([["host", host]], "https://api.example.com/"));
      expect(direct.headers.get("strict-transport-security")).toBe("max-age=63072000");
    },
  );

  test("looks at the Host field before the URL, which under Next.js says localhost", async () => {
    expect(await hsts([["host", "api.example.com"]], "http://localhost:3000/")).toBe(true);
    expect(await hsts([["host", "localhost:3000"]])).toBe(false);
    const direct = await policy()(ok)(requestWith([["host", "api.example.com"]], "https://localhost:3000/"));
    expect(direct.headers.get("strict-transport-security")).toBe("max-age=63072000");
  });
});

describe("cross-origin protection compares the page's origin with the forwarded host", () => {
  const post = async (
    clientIp: ClientIpOptions | undefined,
    origin: string,
    lines: Lines,
    url = "http://10.0.0.9:3000/",
  ): Promise<number> => {
    const request = requestWith([client, ["origin", origin], ...lines], url, "POST");
    const response = await policy(clientIp === undefined ? {} : { clientIp }).run(request, proxy, ok);
    if (response.status !== 200) await expectProblem(response.clone(), 403, "cross_origin_refused");
    return response.status;
  };
  const own = "https://api.example.com";
  const tls: Lines = [
    ["x-forwarded-proto", "https"],
    ["x-forwarded-host", "api.example.com"],
  ];
  const other: Lines = [...tls, ["host", "internal:3000"]];

  test("the own page may send", async () => {
    expect(await post(byProxy, own, tls)).toBe(200);
    expect(await post(byHops, own, other)).toBe(200);
    expect(await post(byProxy, own, [["x-forwarded-host", "API.example.com:443"]])).toBe(200);
    const forwarded: Lines = [["forwarded", 'for=198.51.100.7;host="api.example.com:443";proto=https']];
    expect(await post(byForwarded, own, forwarded)).toBe(200);
  });

  test("another page may not, nor one over http where the client speaks TLS", async () => {
    expect(await post(byProxy, "https://evil.example", tls)).toBe(403);
    expect(await post(byProxy, "https://internal:3000", other)).toBe(403);
    expect(await post(byProxy, "http://api.example.com", tls)).toBe(403);
    expect(await post(byProxy, "http://api.example.com", tls.slice(1))).toBe(200);
    expect(await post(byProxy, "https://api.example.com:8443", tls)).toBe(403);
  });

  test("nobody's word counts who is not trusted", async () => {
    expect(await post(undefined, own, tls)).toBe(403);
    expect(await post({ header: "x-forwarded-host-of-nobody" }, own, tls)).toBe(403);
    expect(await post({ trustedProxies: ["172.16.0.0/12"] }, own, tls)).toBe(403);
    expect(await post({ trustedHops: 2 }, own, tls)).toBe(403);
    expect(await post(undefined, own, [["host", "api.example.com"]])).toBe(200);
  });

  test("the host stands at the client's place of its list", async () => {
    const clientIp = { trustedHops: 2 };
    const chain: Lines = [
      ["x-forwarded-for", "10.0.0.2"],
      ["x-forwarded-host", "evil.example, api.example.com, internal"],
    ];
    expect(await post(clientIp, own, chain)).toBe(200);
    expect(await post(clientIp, "https://evil.example", chain)).toBe(403);
    expect(await post(clientIp, "https://internal", chain)).toBe(403);
  });
});
