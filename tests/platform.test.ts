import { describe, expect, test } from "vitest";
import { type Policy, policy, secure } from "../src/index.ts";
import { get, ok, silent } from "./lib/harness.ts";

const api = policy({ onEvent: silent });

/** The address that a handler of a policy is told, for the arguments of a platform. */
async function clientIpUnder(of: Policy, request: Request, native: readonly unknown[]): Promise<string | undefined> {
  let clientIp: string | undefined;
  await of((_request, context, ..._native: readonly unknown[]) => {
    clientIp = context.clientIp;
    return ok();
  })(request, ...native);
  return clientIp;
}

/** The same, of a policy that has seen nobody before. */
function clientIpFor(request: Request, ...native: readonly unknown[]): Promise<string | undefined> {
  return clientIpUnder(policy({ onEvent: silent }), request, native);
}

const address = "192.0.2.7";

describe("the address of the peer", () => {
  test.each<readonly [string, readonly unknown[]]>([
    [
      "Deno: info.remoteAddr",
      [{ remoteAddr: { transport: "tcp", hostname: address, port: 5 }, completed: Promise.resolve() }],
    ],
    ["@hono/node-server: incoming.socket", [{ incoming: { socket: { remoteAddress: address } }, outgoing: {} }]],
    ["Netlify: context.ip", [{ ip: address, waitUntil: () => {} }]],
    [
      "Bun: server.requestIP(request)",
      [{ requestIP: (request: unknown) => (request instanceof Request ? { address } : null) }],
    ],
  ])("comes from %s", async (_name, native) => {
    expect(await clientIpFor(get(), ...native)).toBe(address);
  });

  test("comes from srvx: request.ip", async () => {
    expect(await clientIpFor(Object.assign(get(), { ip: address }))).toBe(address);
  });

  test("Bun's method is called on its server", async () => {
    class Server {
      readonly #address = address;
      requestIP(): { address: string } {
        return { address: this.#address };
      }
    }
    expect(await clientIpFor(get(), new Server())).toBe(address);
  });

  test.each<readonly [string, readonly unknown[]]>([
    ["nothing is given", []],
    [
      "Cloudflare gives env and ctx",
      [
        { SECRET: "x", DB: {} },
        { waitUntil: () => {}, passThroughOnException: () => {} },
      ],
    ],
    ["Next gives params", [{ params: Promise.resolve({ id: "1" }) }]],
    ["Deno listens on a Unix socket", [{ remoteAddr: { transport: "unix", path: "/run/x.sock" } }]],
    ["Supabase gives what it listens on", [{ remoteAddr: { transport: "tcp", hostname: "0.0.0.0", port: 9999 } }]],
    ["Bun has lost the connection", [{ requestIP: () => null }]],
    ["the socket is closed", [{ incoming: { socket: { remoteAddress: undefined } } }]],
    ["it is no text", [{ ip: 7 }]],
    ["it is no address", [{ ip: "unix:" }]],
    ["the argument is no object", ["192.0.2.7", null, undefined]],
  ])("is unknown where %s", async (_name, native) => {
    expect(await clientIpFor(get(), ...native)).toBeUndefined();
  });

  const hungUp: readonly (readonly [string, Request, readonly unknown[]])[] = [
    ["@hono/node-server", get(), [{ incoming: { socket: { remoteAddress: undefined } } }]],
    ["srvx", Object.assign(get(), { ip: undefined }), []],
    ["Bun", get(), [{ requestIP: () => null }]],
    ["Deno", get(), [{ remoteAddr: { transport: "tcp", hostname: "0.0.0.0", port: 0 } }]],
  ];

  const limit = { limit: 1, windowSeconds: 3600 };

  test.each(hungUp)(
    "is one client for the limits with all that hung up on %s, once another had one",
    async (...row) => {
      const [, request, native] = row;
      const fresh = policy({ rateLimit: limit, onEvent: silent });
      const send = async (...args: readonly [Request, readonly unknown[]]) =>
        (await fresh((_request, _context, ..._native: readonly unknown[]) => ok())(args[0], ...args[1])).status;
      expect([await send(request, native), await send(request, native)]).toEqual([200, 200]); // perhaps nobody ever has one
      expect(await send(get(), [{ ip: address }])).toBe(200);
      expect([await send(request, native), await send(request, native)]).toEqual([200, 429]);
      expect(await clientIpUnder(fresh.with({ rateLimit: [] }), request, native)).toBeUndefined();
      expect([await send(get(), []), await send(get(), [])]).toEqual([200, 200]); // calls within the process
      expect(await send(get(), [{ ip: "192.0.2.8" }])).toBe(200);
    },
  );

  test("is skipped behind a Unix socket, whatever secure() has seen elsewhere", async () => {
    const elsewhere = secure((_request, { clientIp }, ..._native: readonly unknown[]) => Response.json(clientIp));
    expect(await (await elsewhere(get(), { ip: address })).json()).toBe(address);
    const api = policy({ rateLimit: limit, onEvent: silent })((_request, _context, ..._native: readonly unknown[]) =>
      ok(),
    );
    const socket = { remoteAddr: { transport: "unix", path: "/run/x.sock" } };
    expect([(await api(get(), socket)).status, (await api(get(), socket)).status]).toEqual([200, 200]);
  });

  test.each([
    ["shared", 429],
    ["refuse", 403],
  ] as const)("is unknown under onUnknownAddress: %j where a client hung up", async (onUnknownAddress, status) => {
    const fresh = policy({ clientIp: { onUnknownAddress }, rateLimit: limit, onEvent: silent })(
      (_request, _context, ..._native: readonly unknown[]) => ok(),
    );
    for (const [, request, native] of hungUp) {
      await fresh(get(), { ip: address });
      await fresh(request, ...native);
      expect((await fresh(request, ...native)).status).toBe(status);
      expect((await fresh(get())).status).toBe(status); // as who has none for another reason
    }
  });

  test.each([
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "cf-connecting-ip",
    "true-client-ip",
    "fly-client-ip",
    "x-client-ip",
  ])("is never taken from %s, which a client may send", async (name) => {
    const value = name === "forwarded" ? `for=${address}` : address;
    expect(await clientIpFor(get("/", { [name]: value }))).toBeUndefined();
    expect(await clientIpFor(get("/", { [name]: value }), { remoteAddr: { hostname: "198.51.100.1" } })).toBe(
      "198.51.100.1",
    );
  });

  test("is one spelling, without port, zone and mapping", async () => {
    expect(await clientIpFor(get(), { ip: "::ffff:192.0.2.7" })).toBe(address);
    expect(await clientIpFor(get(), { ip: "[2001:DB8::1]:443" })).toBe("2001:db8:0:0:0:0:0:1");
    expect(await clientIpFor(get(), { ip: "fe80::1%eth0" })).toBe("fe80:0:0:0:0:0:0:1");
  });
});

describe("waitUntil", () => {
  /** The work that a platform is given when a handler calls `waitUntil`. */
  async function keptBy(place: (holder: object) => readonly [Request, ...unknown[]]): Promise<number> {
    class Holder {
      readonly #kept: Promise<unknown>[] = [];
      waitUntil(work: Promise<unknown>): void {
        this.#kept.push(work); // throws when it is called detached, as on Workers
      }
      get count(): number {
        return this.#kept.length;
      }
    }
    const holder = new Holder();
    const [request, ...native] = place(holder);
    const response = await api((_request, { waitUntil }, ..._native: readonly unknown[]) => {
      waitUntil(Promise.resolve());
      return ok();
    })(request, ...native);
    expect(response.status).toBe(200);
    return holder.count;
  }

  test("is that of Cloudflare's third argument", async () => {
    expect(await keptBy((holder) => [get(), { SECRET: "x" }, holder])).toBe(1);
  });

  test("is that of Netlify's context", async () => {
    expect(await keptBy((holder) => [get(), holder])).toBe(1);
  });

  test("is that of srvx's request", async () => {
    const place = (holder: object): readonly [Request] => {
      const { waitUntil } = holder as { waitUntil: (work: Promise<unknown>) => void }; // as keptBy makes it
      return [Object.assign(get(), { waitUntil: waitUntil.bind(holder) })];
    };
    expect(await keptBy(place)).toBe(1);
  });

  test("is missed nowhere: without a platform's the work just runs", async () => {
    expect(await keptBy(() => [get(), null, undefined])).toBe(0);
  });
});

test("an adapter's platform is believed, and further arguments pass through prepare()", async () => {
  const { run } = api.prepare({}, (_request, { clientIp }, ...native: readonly unknown[]) =>
    Response.json([clientIp, ...native]),
  );
  const response = await run(get(), { clientIp: "198.51.100.9" }, { ip: "192.0.2.1" }, 2);
  expect(await response.json()).toEqual(["198.51.100.9", { ip: "192.0.2.1" }, 2]);
});

test("on Workers no binding is taken for an address, whatever its name", async () => {
  const seen: unknown[] = [];
  const fetch = policy()((_request, { clientIp }, ..._native) => {
    seen.push(clientIp);
    return new Response();
  });
  const request = (): Request => Object.assign(new Request("https://api.example.com/"), { cf: { colo: "ZRH" } });
  for (const env of [{ ip: "9.9.9.9" }, { remoteAddr: { hostname: "9.9.9.9" } }]) await fetch(request(), env);
  await fetch(new Request("https://api.example.com/"), { ip: "192.0.2.1" });
  expect(seen).toEqual([undefined, undefined, "192.0.2.1"]);
});
