import { describe, expect, test } from "vitest";
import { policy, problem } from "../../src/index.ts";
import {
  accessControl,
  app,
  codeOf,
  foreign,
  hello,
  preflightFrom,
  recorder,
  requestFrom,
  token,
  varyOf,
} from "./support.ts";

const listed = policy({ cors: { origins: [app], credentials: true } });
const open = policy({ cors: { origins: "*" } });

describe("an actual request", () => {
  test("from an allowed origin gets that origin back, byte for byte, and credentials", async () => {
    const response = await listed(hello)(requestFrom(app));
    expect(response.status).toBe(200);
    expect(accessControl(response)).toEqual({
      "access-control-allow-origin": app,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": expect.stringContaining("X-Request-ID"),
    });
  });

  test("gets no credentials field at all where credentials are not configured", async () => {
    const response = await policy({ cors: { origins: [app] } })(hello)(requestFrom(app));
    expect(response.headers.get("access-control-allow-origin")).toBe(app);
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  test("from a disallowed origin gets no Access-Control field, and the handler still runs", async () => {
    const response = await listed(hello)(requestFrom(foreign));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ hello: "world" });
    expect(accessControl(response)).toEqual({});
  });

  test("without Origin gets no Access-Control field, but Vary: Origin", async () => {
    const response = await listed(hello)(requestFrom(null));
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toEqual(["origin"]);
  });

  test.each([
    ["a list of origins", `${app}, ${app}`],
    ["a list that ends in an allowed origin", `${foreign}, ${app}`],
    ["upper case", "https://APP.example.com"],
    ["a trailing dot", `${app}.`],
    ["another port", `${app}:8443`],
    ["the default port", `${app}:443`],
    ["another scheme", "http://app.example.com"],
    ["a trailing slash", `${app}/`],
    ["a longer host", `${app}.evil.example`],
    ["a longer first label", "https://evilapp.example.com"],
    ["null", "null"],
    ["an empty value", ""],
    ["a star", "*"],
  ])("from an allowed origin that is spelled with %s is disallowed", async (_, origin) => {
    const response = await listed(hello)(requestFrom(origin));
    expect(response.status).toBe(200);
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toEqual(["origin"]);
  });

  test.each([app, "null", "invalid_origin", null])(
    "gets a star and no Vary where every origin is allowed (Origin: %s)",
    async (origin) => {
      const response = await open(hello)(requestFrom(origin));
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.has("access-control-allow-credentials")).toBe(false);
      expect(response.headers.has("vary")).toBe(false);
      expect(response.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    },
  );

  test("gets no Private or Local Network Access field, asked for or not", async () => {
    const asked = { "access-control-request-private-network": "true", "access-control-request-local-network": "true" };
    const actual = await listed(hello)(requestFrom(app, "GET", asked));
    const preflight = preflightFrom(app);
    for (const [name, value] of Object.entries(asked)) preflight.headers.set(name, value);
    for (const response of [actual, await listed(hello)(preflight)]) {
      expect(Object.keys(accessControl(response)).filter((name) => name.includes("network"))).toEqual([]);
    }
  });
});

describe("every answer carries the same CORS fields and Vary", () => {
  const { onEvent } = recorder();
  const base = policy({ cors: { origins: [app], credentials: true }, onEvent });
  const limited = base.with({ rateLimit: { limit: 1, windowSeconds: 60 } });
  const guarded = base.with({ auth: token });
  const platform = { clientIp: "203.0.113.7" };
  const withHandler = (handler: () => Response | ReturnType<typeof problem>) => base(handler)(requestFrom(app));
  const answers: readonly (readonly [name: string, status: number, answer: () => Promise<Response>])[] = [
    ["401 without a credential", 401, () => guarded(hello)(requestFrom(app))],
    [
      "401 for a bad credential",
      401,
      () => guarded(hello)(requestFrom(app, "GET", { authorization: "Bearer forged" })),
    ],
    [
      "503 when the authenticator is down",
      503,
      () => guarded(hello)(requestFrom(app, "GET", { authorization: "Bearer outage" })),
    ],
    [
      "403 for a caller who may not",
      403,
      () => guarded({ check: () => false }, hello)(requestFrom(app, "GET", { authorization: "Bearer good" })),
    ],
    ["405", 405, () => base({ methods: ["GET"] }, hello)(requestFrom(app, "DELETE"))],
    [
      "429",
      429,
      async () => {
        await limited.run(requestFrom(app), platform, hello);
        return limited.run(requestFrom(app), platform, hello);
      },
    ],
    [
      "500 of a handler that threw",
      500,
      () =>
        withHandler(() => {
          throw new Error("boom");
        }),
    ],
    ["500 of a handler that gave nothing that can be sent", 500, () => withHandler(() => Response.error())],
    ["304", 304, () => withHandler(() => new Response(null, { status: 304 }))],
    ["a redirect, whose headers are immutable", 302, () => withHandler(() => Response.redirect(`${app}/in`, 302))],
    [
      "a thrown Response",
      409,
      () =>
        withHandler(() => {
          throw Response.json({}, { status: 409 });
        }),
    ],
    ["HEAD", 200, () => base(hello)(requestFrom(app, "HEAD"))],
    ["OPTIONS that is no preflight", 200, () => base(hello)(requestFrom(app, "OPTIONS"))],
    ...([404, 406, 413, 415, 422] as const).map(
      (status) => [`a handler's ${status}`, status, () => withHandler(() => problem(status, "refused"))] as const,
    ),
  ];
  test.each(answers)("%s", async (_, status, answer) => {
    const response = await answer();
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe(app);
    expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    expect(response.headers.get("access-control-expose-headers")).toContain("Retry-After");
    expect(varyOf(response)).toContain("origin");
  });

  test("refuses a write from a disallowed origin without any Access-Control field, but with Vary: Origin", async () => {
    const response = await base(hello)(requestFrom(foreign, "POST"));
    expect(response.status).toBe(403);
    expect(accessControl(response)).toEqual({});
    expect(varyOf(response)).toEqual(["origin"]);
    expect(await codeOf(response)).toBe("cross_origin_refused");
  });
});

test("without cors, nothing is added to any answer", async () => {
  const response = await policy()(hello)(requestFrom(app));
  expect(response.status).toBe(200);
  expect(accessControl(response)).toEqual({});
  expect(response.headers.has("vary")).toBe(false);
});
