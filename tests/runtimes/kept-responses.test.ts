import { describe, expect, test } from "vitest";
import { policy, secure } from "../../src/index.ts";
import { app, foreign, other } from "./origins.ts";
import { requestFrom } from "./subsets.ts";
import { fieldsOf } from "./suite/expectations.ts";

describe("a Response that the handler keeps", () => {
  test.each([
    ["Access-Control-Allow-Origin", app],
    ["X-Request-ID", "of-the-handler"],
    ["X-RateLimit-Limit", "7"],
  ])("keeps its own %s where the policy writes none", async (name, value) => {
    const kept = new Response(null, { status: 204, headers: { [name]: value } });
    const handler = policy({ requestId: false, onEvent: () => undefined })(() => kept);
    const values = [await handler(requestFrom(app)), await handler(requestFrom(app))].map(({ headers }) =>
      headers.get(name),
    );
    expect(values).toEqual([value, value]);
  });

  test("keeps its CORS fields where cors is passthrough", async () => {
    const kept = new Response(null, { status: 204, headers: { "Access-Control-Allow-Origin": app } });
    const handler = policy({
      cors: { passthrough: () => new Response(null, { status: 204 }) },
      crossOrigin: { origins: [app] },
    })(() => kept);
    for (let serving = 1; serving <= 3; serving++) {
      const response = await handler(requestFrom(app));
      expect(response.headers.get("access-control-allow-origin"), `serving ${serving}`).toBe(app);
    }
  });

  test("does not show one client's quota where the next is not counted", async () => {
    const kept = new Response(null, { status: 204 });
    const api = policy({ rateLimit: { limit: 10, windowSeconds: 60 }, routes: { "/health": { rateLimit: "none" } } });
    const serve = (path: string): Promise<Response> =>
      api.run(new Request(`https://api.example.com${path}`), { clientIp: "192.0.2.1" }, () => kept);
    expect(fieldsOf(await serve("/notes"), "ratelimit", "x-ratelimit-")).toMatchObject({ "x-ratelimit-limit": "10" });
    expect(fieldsOf(await serve("/health"), "ratelimit", "x-ratelimit-")).toEqual({});
  });

  test("does not carry what one policy wrote for a client to another policy", async () => {
    const kept = new Response(null, { status: 204 });
    const first = policy({ cors: { origins: [app], credentials: true }, requestId: { header: "X-Trace" } })(() => kept);
    const second = policy()(() => kept);
    expect((await first(requestFrom(app))).headers.get("access-control-allow-origin")).toBe(app);
    const response = await second(requestFrom(foreign));
    expect(fieldsOf(response, "access-control-", "x-trace")).toEqual({});
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("does not show one origin's timing permission to the next", async () => {
    const kept = new Response(null, { status: 204 });
    const handler = policy({ cors: { origins: [app, other] }, headers: { timingAllowOrigin: true } })(() => kept);
    const shown: (string | null)[] = [];
    for (const origin of [app, other, foreign]) {
      shown.push((await handler(requestFrom(origin))).headers.get("timing-allow-origin"));
    }
    expect(shown).toEqual([app, other, null]);
  });

  test("does not carry Strict-Transport-Security from https to plain http", async () => {
    const kept = new Response(null, { status: 204 });
    const handler = secure(() => kept);
    const overHttps = await handler(new Request("https://api.example.com/"));
    expect(overHttps.headers.get("strict-transport-security")).toBe("max-age=63072000");
    const overHttp = await handler(new Request("http://api.example.com/"));
    expect(overHttp.headers.has("strict-transport-security")).toBe(false);
  });

  test("is a 500 the second time when its body was sent, and not a hanging request", async () => {
    const kept = Response.json({ ok: true });
    const handler = policy({ onEvent: () => undefined })(() => kept);
    expect(await (await handler(requestFrom(app))).json()).toEqual({ ok: true });
    const second = await handler(requestFrom(app));
    expect(second.status).toBe(500);
    expect(await second.json()).toMatchObject({ code: "internal_error" });
  });
});

test("an outer policy leaves alone what an inner one wrote for the same request, where it writes none itself", async () => {
  const inner = policy({ cors: { origins: [app] }, headers: false })(() => new Response(null, { status: 204 }));
  const response = await policy({ onEvent: () => undefined })(inner)(requestFrom(app));
  expect(response.headers.get("access-control-allow-origin")).toBe(app);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});
