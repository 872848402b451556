import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { worker } from "../../../adapters/cloudflare.ts";
import { ConfigError, policy } from "../../../src/index.ts";
import { expectProblem, get, ok, silent } from "../../lib/harness.ts";
import { type RunningWorker, startWorker } from "../../rate-limit/platforms/workerd.ts";
import { startUpstream } from "../../runtimes/upstream.ts";
import { sendToApp } from "../send.ts";

describe("on workerd", () => {
  let running: RunningWorker;
  beforeAll(async () => {
    running = await startWorker(new URL("app.ts", import.meta.url).href, {
      bindings: { SECRET: "hunter2" },
      durableObjects: { LIMITER: { className: "Limiter", useSQLite: true } },
      ratelimits: { THREE: { namespace_id: "1001", simple: { limit: 3, period: 60 } } },
    });
  });
  afterAll(() => running?.stop());
  const send = (path: string, init: RequestInit = {}): Promise<Response> => sendToApp(() => running.url)(path, init);

  test("the handler gets the environment, the execution context and the client's address", async () => {
    const response = await send("/context");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      clientIp: "127.0.0.1",
      SECRET: "hunter2",
      executionCtx: "ExecutionContext",
    });
  });

  test("a policy is made once for an isolate and its environment, with the secrets", async () => {
    const responses = await Promise.all(Array.from({ length: 50 }, () => send("/made")));
    const fields = responses.map(({ headers }) => headers.get("x-made"));
    expect(new Set(fields)).toEqual(new Set(["1 with hunter2"]));
  });

  test("while the policy cannot be made, the answer is a 500 with the default fields, and nothing is told", async () => {
    const response = await send("/fails-first", { method: "POST", headers: { origin: "https://evil.example.net" } });
    const text = await response.clone().text();
    await expectProblem(response, 500, "internal_error");
    expect(text).not.toMatch(/hunter2|secret/);
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect((await send("/fails-first")).status).toBe(200);
  });

  test("requirements hold, as for api()", async () => {
    const post = (text: string): Promise<Response> =>
      send("/note", { method: "POST", body: text, headers: { "content-type": "application/json" } });
    expect(await (await post('{"text":"hello"}')).json()).toBe("hello");
    await expectProblem(await post('{"text":1}'), 422, "invalid_body");
    const refused = await send("/note");
    expect(refused.headers.get("allow")).toBe("POST");
    await expectProblem(refused, 405, "method_not_allowed");
  });

  test("waitUntil keeps the Worker alive until the work is done", async () => {
    const upstream = await startUpstream();
    const [first, second] = [upstream.gate(), upstream.gate()];
    const query = new URLSearchParams([first, second].map(({ url }) => ["url", url]));
    expect((await send(`/later?${query}`)).status).toBe(202);
    await first.reached;
    first.open();
    await second.reached;
    second.open();
    await upstream.close();
  });

  test("a Durable Object admits exactly the limit of 500 concurrent requests, and will wake to clean up", async () => {
    const responses = await Promise.all(Array.from({ length: 500 }, () => send("/counted")));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(400);
    const alarmMs = Number(await (await send("/alarm")).json());
    expect(alarmMs).toBeGreaterThan(Date.now());
    expect(alarmMs).toBeLessThan(Date.now() + 3_600_000);
  });

  test("the rate limiting binding refuses what is too much", async () => {
    const leftMs = 60_000 - (Date.now() % 60_000); // its windows begin with the minutes
    if (leftMs < 3000) await new Promise((resolve) => setTimeout(resolve, leftMs + 10));
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await send("/rough")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});

test("workerd refuses a Worker that does more than compute at module scope: the one above does not", async () => {
  const refused = startWorker(new URL("not-allowed.ts", import.meta.url).href, {});
  await expect(refused).rejects.toThrow("failed to start");
});

describe("worker()", () => {
  const executionCtx = { waitUntil: () => undefined, passThroughOnException: () => undefined };
  afterEach(() => void vi.restoreAllMocks());

  test("makes a policy for each environment, with the first request and not before", async () => {
    const made: string[] = [];
    const fetch = worker(
      (env: { readonly name: string }) => {
        made.push(env.name);
        return policy({ onEvent: silent });
      },
      (_request, { env }) => Response.json(env.name),
    );
    expect(made).toEqual([]);
    const [first, second] = [{ name: "first" }, { name: "second" }];
    const answers: unknown[] = [];
    for (const env of [first, second, first, second])
      answers.push(await (await fetch(get(), env, executionCtx)).json());
    expect(answers).toEqual(["first", "second", "first", "second"]);
    expect(made).toEqual(["first", "second"]);
  });

  test("makes one policy for all calls without an environment, as in a test", async () => {
    const limited = { rateLimit: { limit: 2, windowSeconds: 60 }, onEvent: silent } as const;
    const untyped = worker(() => policy(limited), ok) as (request: Request) => Promise<Response>; // JavaScript callers
    const statuses = [];
    for (let times = 0; times < 3; times++)
      statuses.push((await untyped(get("/", { "cf-connecting-ip": "192.0.2.7" }))).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test("tells the console why a policy could not be made, with each request and its method", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const fetch = worker(
      () => policy({ rateLimit: { limit: 0, windowSeconds: 60 } }),
      () => ok(),
    );
    const preflight = {
      method: "OPTIONS",
      headers: { origin: "https://app.example.com", "access-control-request-method": "PUT" },
    };
    for (const init of [{}, preflight]) {
      const response = await fetch(new Request("https://api.example.com/notes", init), {}, executionCtx);
      await expectProblem(response, 500, "internal_error");
    }
    const told = error.mock.calls.map((line) => line.map(String).join(" "));
    expect(told).toHaveLength(2);
    for (const line of told) expect(line).toContain("rateLimit.limit");
    expect(told.map((line) => /\w+ \/notes/.exec(line)?.[0])).toEqual(["GET /notes", "OPTIONS /notes"]);
  });

  test("finds mistakes in requirements at once, where the policy is there", () => {
    const api = policy({ onEvent: silent });
    expect(() => worker(api, { methods: [] }, () => ok())).toThrow(ConfigError);
  });

  test.each<readonly [string, readonly unknown[]]>([
    ["nothing", []],
    ["a handler alone", [ok]],
    ["requirements without a handler", [policy(), {}]],
    ["requirements behind the handler", [policy(), ok, {}]],
    ["no policy", [{}, ok]],
  ])("refuses %s", (_, given) => {
    const untyped = worker as (...given: readonly unknown[]) => unknown; // JavaScript callers have no types
    expect(() => untyped(...given)).toThrow(/^worker\(\) is called with a policy/);
  });

  test("takes the address from CF-Connecting-IP, which a policy alone never does", async () => {
    const api = policy({ onEvent: silent });
    const request = (): Request => get("/", { "cf-connecting-ip": "192.0.2.7", "x-forwarded-for": "192.0.2.8" });
    const behind = worker(api, (_request, { clientIp }) => Response.json({ clientIp }));
    expect(await (await behind(request(), {}, executionCtx)).json()).toEqual({ clientIp: "192.0.2.7" });
    expect(await (await behind(get(), {}, executionCtx)).json()).toEqual({});
    const alone = api((_request, { clientIp }, ..._native: readonly unknown[]) => Response.json({ clientIp }));
    expect(await (await alone(request(), {}, executionCtx)).json()).toEqual({});
  });

  test("gives background work to the execution context, as a method of it", async () => {
    class Execution {
      readonly #kept: Promise<unknown>[] = [];
      waitUntil(work: Promise<unknown>): void {
        this.#kept.push(work); // throws when it is called detached, as on Workers
      }
      passThroughOnException(): void {}
      get count(): number {
        return this.#kept.length;
      }
    }
    const execution = new Execution();
    const fetch = worker(policy({ onEvent: silent }), (_request, { waitUntil }) => {
      waitUntil(Promise.resolve());
      return ok();
    });
    expect((await fetch(get(), {}, execution)).status).toBe(200);
    expect(execution.count).toBe(1);
  });
});
