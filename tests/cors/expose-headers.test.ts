import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { app, hello, requestFrom, token } from "./support.ts";

const usual = [
  "ETag",
  "Link",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "Content-Disposition",
  "Deprecation",
  "Sunset",
];
type Configuration = NonNullable<Parameters<typeof policy>[0]>;

async function exposed(config: Configuration): Promise<readonly string[]> {
  const response = await policy(config)(hello)(requestFrom(app, "GET", { authorization: "Bearer good" }));
  return (response.headers.get("access-control-expose-headers") ?? "").split(", ").sort();
}

describe("scripts may read", () => {
  test("the request id and the usual fields without configuration", async () => {
    expect(await exposed({ cors: { origins: [app] } })).toEqual([...usual, "X-Request-ID"].sort());
  });

  test("the same with credentials, and where every origin is allowed", async () => {
    const expected = [...usual, "X-Request-ID"].sort();
    expect(await exposed({ cors: { origins: [app], credentials: true, exposeHeaders: "auto" } })).toEqual(expected);
    expect(await exposed({ cors: { origins: "*" } })).toEqual(expected);
  });

  test("what the rest of the policy can send", async () => {
    const names = await exposed({
      cors: { origins: [app] },
      requestId: { header: "X-Correlation-ID" },
      rateLimit: { limit: 9, windowSeconds: 60 },
      headers: { extra: { "X-Api-Version": "7", "Content-Language": "en" } },
    });
    const sent = ["RateLimit", "RateLimit-Policy", "X-Api-Version", "X-Correlation-ID"];
    expect(names).toEqual(expect.arrayContaining([...usual, ...sent]));
    expect(names).not.toContain("X-Request-ID");
    expect(names).not.toContain("Content-Language");
  });

  test("rate limit fields where only a route, or only a handler's requirements, limit", async () => {
    const cors = { origins: [app] };
    const rateLimit = { name: "few", limit: 9, windowSeconds: 60 };
    expect(await exposed({ cors, routes: { "/notes": { rateLimit } } })).toContain("RateLimit");
    const response = await policy({ cors })({ rateLimit }, hello)(requestFrom(app));
    expect(response.headers.get("access-control-expose-headers")?.split(", ")).toContain("RateLimit");
  });

  test("no request id where none is sent", async () => {
    expect(await exposed({ cors: { origins: [app] }, requestId: false })).toEqual([...usual].sort());
  });

  test("a list of one's own added to all that, each name once and without those that browsers show unasked", async () => {
    const exposeHeaders = ["X-Total-Count", "etag", "Content-Type", "Last-Modified", "Cache-Control"];
    const names = await exposed({ cors: { origins: [app], exposeHeaders } });
    expect(names.map((name) => name.toLowerCase()).sort()).toEqual(
      [...usual, "X-Request-ID", "X-Total-Count"].map((name) => name.toLowerCase()).sort(),
    );
  });

  test("everything under a star", async () => {
    expect(await exposed({ cors: { origins: "*", exposeHeaders: "*" } })).toEqual(["*"]);
    expect(await exposed({ cors: { origins: "*", exposeHeaders: ["*"] } })).toEqual(["*"]);
  });

  test("nothing of an upstream unasked", async () => {
    const upstream = (): Response => Response.json({}, { headers: { "x-internal-host": "db-7" } });
    const response = await policy({ cors: { origins: [app] } })(upstream)(requestFrom(app));
    expect(response.headers.get("access-control-expose-headers")).not.toMatch(/internal/i);
  });
});

test("a challenge is readable on a 401", async () => {
  const response = await policy({ cors: { origins: [app] }, auth: token })(hello)(requestFrom(app));
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api"');
  expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
});
