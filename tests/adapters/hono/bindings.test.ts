import { Hono } from "hono";
import { handle as pages } from "hono/cloudflare-pages";
import { handle as netlify } from "hono/netlify";
import { describe, expect, test } from "vitest";
import { middleware, requires } from "../../../adapters/hono.ts";
import { memoryStore, policy } from "../../../src/index.ts";
import { silent } from "../../lib/harness.ts";

/** As Workers give it. */
const fromCloudflare = (): Request => Object.assign(new Request("https://api.example.com/"), { cf: { colo: "ZRH" } });

describe("a policy made from the bindings", () => {
  interface Bindings {
    readonly LIMIT: number;
  }
  const counting = () => {
    let made = 0;
    const source = ({ LIMIT }: Bindings) => {
      made++;
      return policy({
        rateLimit: { limit: LIMIT ?? 5, windowSeconds: 60 },
        clientIp: { onUnknownAddress: "shared" },
        store: memoryStore(),
        onEvent: silent,
      });
    };
    const app = new Hono<{ Bindings: Bindings }>();
    app.use(middleware(source));
    app.get("/", requires(source, { rateLimit: { name: "more", limit: 50, windowSeconds: 60 } }), (c) =>
      c.text(c.var.requestId),
    );
    return { app, made: () => made };
  };
  const limits = (response: Response) => response.headers.get("ratelimit-policy");

  test("is made once for the env of an isolate of Workers, for middleware() and requires() together", async () => {
    const { app, made } = counting();
    const [first, second] = [{ LIMIT: 10 }, { LIMIT: 20 }];
    expect(limits(await app.fetch(fromCloudflare(), first))).toBe('"default";q=10;w=60, "more";q=50;w=60');
    const again = await app.fetch(fromCloudflare(), first);
    expect(again.headers.get("ratelimit")).toMatch(/^"default";r=8;t=\d+, "more";r=48;t=\d+$/);
    expect(made()).toBe(1);
    expect(limits(await app.fetch(fromCloudflare(), second))).toBe('"default";q=20;w=60, "more";q=50;w=60');
    expect(made()).toBe(2);
  });

  test("is made again where it threw: no other env's policy serves the request", async () => {
    let isReady = false;
    const source = ({ LIMIT }: Bindings) => {
      if (LIMIT === 20 && !isReady) throw new Error("not ready");
      return policy({ requestId: { header: `X-Limit-${LIMIT}` }, onEvent: silent });
    };
    const app = new Hono<{ Bindings: Bindings }>().onError((_, c) => c.text("failed", 500));
    app.use(middleware(source)).get("/", (c) => c.text("in"));
    const second = { LIMIT: 20 };
    expect((await app.fetch(fromCloudflare(), { LIMIT: 10 })).headers.has("x-limit-10")).toBe(true);
    expect((await app.fetch(fromCloudflare(), second)).status).toBe(500);
    expect((await app.fetch(fromCloudflare(), second)).status).toBe(500);
    isReady = true;
    expect((await app.fetch(fromCloudflare(), second)).headers.has("x-limit-20")).toBe(true);
  });

  test.each<[string, (app: Hono<{ Bindings: Bindings }>) => (count: number) => Response | Promise<Response>]>([
    [
      "hono/cloudflare-pages",
      (app) => {
        const onRequest = pages(app);
        const context = {
          env: { LIMIT: 5 },
          waitUntil: () => {},
          passThroughOnException: () => {},
          params: {},
          data: {},
        };
        return () => onRequest({ ...context, request: fromCloudflare() } as unknown as Parameters<typeof onRequest>[0]); // what Pages gives: the adapter reads no more of it
      },
    ],
    ["hono/netlify", (app) => () => netlify(app)(new Request("https://api.example.com/"), {})],
  ])("is made once under %s, whose env is new for each request", async (_, start) => {
    const { app, made } = counting();
    const send = start(app);
    for (const left of [4, 3, 2]) {
      expect((await send(left)).headers.get("ratelimit")).toContain(`"default";r=${left};`);
    }
    expect(made()).toBe(1);
  });

  test.each<[string, () => object | undefined]>([
    ["Node gives each request an env of its own", () => ({ incoming: {}, outgoing: {}, LIMIT: 5 })],
    ["Deno gives each request an env of its own", () => ({ remoteAddr: {}, completed: Promise.resolve() })],
    ["there is none", () => undefined],
  ])("is made once where %s", async (_, makeEnv) => {
    const { app, made } = counting();
    for (const left of [4, 3]) {
      const response = await app.request("/", {}, makeEnv());
      expect(response.headers.get("ratelimit")).toContain(`"default";r=${left};`);
    }
    expect(made()).toBe(1);
  });
});
