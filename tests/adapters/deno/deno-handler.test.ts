import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { denoHandler } from "../../../adapters/deno.ts";
import { ConfigError, policy } from "../../../src/index.ts";
import { expectProblem, get, ok, recorder, silent } from "../../lib/harness.ts";
import type { Running } from "../../runtimes/conformance.ts";
import { startDeno } from "./start.ts";

const api = policy({ onEvent: silent });
const peer = { remoteAddr: { transport: "tcp", hostname: "192.0.2.7", port: 5 }, completed: Promise.resolve() };
const tellAddress = denoHandler(api, (_request, { clientIp }) => Response.json({ clientIp: clientIp ?? null }));

describe("the client's address", () => {
  test("is that of the peer, and never a field of the request", async () => {
    const response = await tellAddress(get("/", { "x-forwarded-for": "198.51.100.1" }), peer);
    expect(await response.json()).toEqual({ clientIp: "192.0.2.7" });
  });

  test("is what trusted proxies say, where the policy has some", async () => {
    const behind = denoHandler(api.with({ clientIp: { trustedHops: 1 } }), (_request, { clientIp }) =>
      Response.json({ clientIp }),
    );
    const response = await behind(get("/", { "x-forwarded-for": "198.51.100.1" }), peer);
    expect(await response.json()).toEqual({ clientIp: "198.51.100.1" });
  });

  test.each<readonly [string, Parameters<typeof tellAddress>[1]]>([
    ["a Unix socket", { remoteAddr: { transport: "unix" } }],
    ["Supabase under export default, which gives no info", undefined],
    [
      "Supabase under Deno.serve, which gives what it listens on",
      { remoteAddr: { transport: "tcp", hostname: "0.0.0.0" } },
    ],
  ])("is unknown on %s", async (_, info) => {
    expect(await (await tellAddress(get(), info)).json()).toEqual({ clientIp: null });
  });

  test("is one client for the limits with all that hung up, once another had one", async () => {
    const limited = denoHandler(policy({ rateLimit: { limit: 1, windowSeconds: 3600 }, onEvent: silent }), ok);
    const hungUp = { remoteAddr: { transport: "tcp", hostname: "0.0.0.0", port: 0 } };
    const statuses = [];
    for (const info of [hungUp, hungUp, peer, hungUp, hungUp]) statuses.push((await limited(get(), info)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
  });

  test("is unknown where what comes beside the request is no info of Deno's", async () => {
    const untyped = tellAddress as (request: Request, info: unknown) => Promise<Response>; // a framework's own argument
    for (const info of [{}, null]) expect(await (await untyped(get(), info)).json()).toEqual({ clientIp: null });
  });

  test("is unknown on a real Unix socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mantlet-unix-"));
    const socketPath = join(folder, "socket");
    const permissions = ["--allow-net", `--allow-read=${folder}`, `--allow-write=${folder}`];
    let deno: Running | undefined;
    try {
      deno = await startDeno("unix.ts", permissions, [socketPath]);
      const outgoing = request({ socketPath, path: "/", headers: { host: "api.example.com" } }).end();
      const [message] = (await once(outgoing, "response")) as [IncomingMessage]; // what the event gives
      expect(message.statusCode).toBe(200);
      expect(JSON.parse(await text(message))).toEqual({ clientIp: null });
    } finally {
      await deno?.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe("waitUntil", () => {
  afterEach(() => void vi.unstubAllGlobals());
  const work = (): Promise<never> => Promise.reject(new Error("lost"));

  test("goes to EdgeRuntime on Supabase, as a method of it", async () => {
    class EdgeRuntime {
      readonly #kept: Promise<unknown>[] = [];
      waitUntil(kept: Promise<unknown>): void {
        this.#kept.push(kept); // throws when it is called detached
      }
      get count(): number {
        return this.#kept.length;
      }
    }
    const runtime = new EdgeRuntime();
    vi.stubGlobal("EdgeRuntime", runtime);
    const fetch = denoHandler(api, (_request, { waitUntil }) => {
      waitUntil(Promise.resolve());
      return ok();
    });
    expect((await fetch(get())).status).toBe(200);
    expect(runtime.count).toBe(1);
  });

  test("elsewhere reports what rejects", async () => {
    const { events, onEvent } = recorder();
    const fetch = denoHandler(policy({ onEvent }), (_request, { waitUntil }) => {
      waitUntil(work());
      return ok();
    });
    expect((await fetch(get(), peer)).status).toBe(200);
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toEqual(["handler_error"]));
  });
});

describe("requirements", () => {
  test("hold, as for api()", async () => {
    const requirements = { methods: ["POST"], body: z.object({ text: z.string() }) };
    const fetch = denoHandler(api, requirements, (_request, { body }) => Response.json(body.text));
    const post = (body: string): Promise<Response> => {
      const headers = { "content-type": "application/json" };
      return fetch(new Request("https://api.example.com/", { method: "POST", body, headers }), peer);
    };
    expect(await (await post('{"text":"hello"}')).json()).toBe("hello");
    await expectProblem(await post('{"text":1}'), 422, "invalid_body");
    await expectProblem(await fetch(get(), peer), 405, "method_not_allowed");
  });

  test("with mistakes are refused at once", () => {
    expect(() => denoHandler(api, { methods: [] }, () => ok())).toThrow(ConfigError);
  });
});

test.each<readonly [string, readonly unknown[]]>([
  ["a policy alone", [api]],
  ["requirements without a handler", [api, {}]],
  ["requirements behind the handler", [api, ok, {}]],
])("denoHandler() refuses %s", (_, given) => {
  const untyped = denoHandler as (...given: readonly unknown[]) => unknown; // JavaScript callers have no types
  expect(() => untyped(...given)).toThrow("denoHandler() is called with a policy, and then with a handler");
});
