import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { serve } from "@hono/node-server";
import { afterEach, expect, test, vi } from "vitest";
import { policy } from "../../src/index.ts";
import type { ClientIpOptions } from "./support.ts";

let stop: () => void = () => {};
const seen: (string | undefined)[] = [];
afterEach(() => {
  stop();
  seen.length = 0;
});

/** A server that says whom it sees, limits to one request per client, and demands https. */
async function listen(clientIp: ClientIpOptions | undefined, requireHttps = false): Promise<number> {
  const api = policy({
    ...(clientIp !== undefined && { clientIp }),
    requireHttps,
    rateLimit: { limit: 1, windowSeconds: 3600 },
  });
  const server = serve({
    fetch: api((_request, context) => {
      seen.push(context.clientIp);
      return new Response(context.clientIp);
    }),
    port: 0,
    hostname: "127.0.0.1",
  });
  stop = () => server.close();
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // it listens on a port, not on a pipe
}

/** Sends fields as lines of their own, as proxies do. */
async function send(port: number, lines: readonly string[]): Promise<string> {
  const sent = request({
    port,
    host: "127.0.0.1",
    headers: ["Host", `127.0.0.1:${port}`, ...lines],
    agent: false,
  }).end();
  const [response] = await once(sent, "response");
  return `${response.statusCode} ${response.statusCode === 200 ? await text(response) : ""}`.trim();
}

const forwardedFor = (...values: string[]): string[] => values.flatMap((value) => ["X-Forwarded-For", value]);

test("over a real socket, the peer is the client by default, whatever it sends", async () => {
  const port = await listen(undefined);
  expect(await send(port, forwardedFor("198.51.100.1"))).toBe("200 127.0.0.1");
  expect(await send(port, forwardedFor("198.51.100.2"))).toBe("429");
  expect(await send(port, ["Forwarded", "for=198.51.100.3", "X-Real-IP", "198.51.100.3"])).toBe("429");
});

test("over a real socket, clients that hang up at once do not escape the limit: they count as one", async () => {
  const port = await listen(undefined);
  expect(await send(port, [])).toBe("200 127.0.0.1");
  for (let count = 0; count < 10; count++) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.resetAndDestroy();
  }
  expect(await send(port, [])).toBe("429");
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(1));
  expect(seen).toEqual(["127.0.0.1", undefined]);
});

test("over a real socket, a trusted peer names clients", async () => {
  const port = await listen({ trustedProxies: ["127.0.0.0/8", "::1"] });
  expect(await send(port, forwardedFor("203.0.113.9", "198.51.100.1"))).toBe("200 198.51.100.1");
  expect(await send(port, forwardedFor("203.0.113.10", "198.51.100.1, 127.0.0.1"))).toBe("429");
  expect(await send(port, forwardedFor("203.0.113.9", "198.51.100.2"))).toBe("200 198.51.100.2");
  expect(await send(port, [])).toBe("200 127.0.0.1");
});

test("over a real socket, Forwarded is one chain over several lines, and says https", async () => {
  const port = await listen({ trustedHops: 2, header: "forwarded" }, true);
  const lines = (client: string): string[] => [
    ...["Forwarded", 'for="203.0.113.9'],
    ...["Forwarded", `For="[${client}]:4711";proto=https`],
    ...["Forwarded", "for=10.0.0.1;proto=http"],
  ];
  expect(await send(port, lines("2001:db8::1"))).toBe("200 2001:db8:0:0:0:0:0:1");
  expect(await send(port, lines("2001:db8::2"))).toBe("429");
  expect(await send(port, lines("2001:db8:0:1::"))).toBe("200 2001:db8:0:1:0:0:0:0");
  expect(await send(port, ["X-Forwarded-Proto", "https"])).toBe("403");
});
