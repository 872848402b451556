import { request as send } from "node:http";
import { serve } from "srvx";
import { afterEach, describe, expect, test } from "vitest";
import { optionsHandler, policy } from "../src/index.ts";
import { expectMistake, expectProblem, issuesFrom, ok, recorder, untypedRequirements } from "./lib/harness.ts";

const request = (method: string, path = "/"): Request => new Request(`https://api.example.com${path}`, { method });

test.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PROPFIND"])(
  "without methods, %s reaches the handler",
  async (method) => {
    expect((await policy()(ok)(request(method))).status).toBe(200);
  },
);

describe("TRACE and CONNECT", () => {
  let close: (() => Promise<unknown>) | undefined;
  afterEach(() => close?.());

  /** `Request` cannot be constructed with these methods, but servers receive them. */
  async function trace(fetch: (request: Request) => Promise<Response>): Promise<{ status?: number; allow?: string }> {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
    close = () => server.close(true);
    await server.ready();
    return new Promise((resolve, reject) => {
      send(server.url ?? "", { method: "TRACE" }, (response) => {
        response.resume();
        const { statusCode, headers } = response;
        resolve({ ...(statusCode && { status: statusCode }), ...(headers.allow && { allow: headers.allow }) });
      })
        .on("error", reject)
        .end();
    });
  }

  test("are refused with the usual methods in Allow", async () => {
    expect(await trace(policy()(ok))).toEqual({ status: 405, allow: "GET, HEAD, POST, PUT, PATCH, DELETE" });
  });

  test("are refused with the methods of CORS in Allow, where it names them", async () => {
    const cors = { origins: ["https://app.example.com"], methods: ["GET", "POST"] } as const;
    expect(await trace(policy({ cors })(ok))).toEqual({ status: 405, allow: "GET, POST" });
  });
});

test("methods of requirements make the rest 405 with Allow, and HEAD comes with GET", async () => {
  const { events, onEvent } = recorder();
  const fetch = policy({ onEvent })({ methods: ["GET", "PUT"] }, ok);
  for (const method of ["GET", "HEAD", "PUT"]) expect((await fetch(request(method))).status).toBe(200);
  const response = await fetch(request("POST"));
  await expectProblem(response, 405, "method_not_allowed");
  expect(response.headers.get("allow")).toBe("GET, PUT, HEAD");
  expect(events).toMatchObject([{ type: "refused", code: "method_not_allowed", status: 405 }]);
});

test("methods without GET allow no HEAD", async () => {
  const response = await policy()({ methods: ["POST"] }, ok)(request("HEAD"));
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

test("methods of a route hold there only, and a handler's own beat them", async () => {
  const api = policy({ routes: { "/a": { methods: ["GET"] } } });
  const fetch = api(ok);
  expect((await fetch(request("POST", "/a"))).headers.get("allow")).toBe("GET, HEAD");
  expect((await fetch(request("POST", "/b"))).status).toBe(200);
  expect((await api({ methods: ["POST"] }, ok)(request("POST", "/a"))).status).toBe(200);
});

test("OPTIONS that is no preflight is judged like any method", async () => {
  const response = await policy({ cors: { origins: "*" } })({ methods: ["GET"] }, ok)(request("OPTIONS"));
  await expectProblem(response, 405, "method_not_allowed");
});

test("a method is refused before credentials are asked for and before quota is taken", async () => {
  const api = policy({ rateLimit: { limit: 1, windowSeconds: 60 } });
  const { run } = api.prepare({ methods: ["GET"] }, ok);
  for (let count = 0; count < 3; count++) {
    expect((await run(request("DELETE"), { clientIp: "192.0.2.1" })).status).toBe(405);
  }
  expect((await run(request("GET"), { clientIp: "192.0.2.1" })).status).toBe(200);
});

describe("optionsHandler()", () => {
  test.each([
    [["GET", "DELETE"], "GET, DELETE, HEAD, OPTIONS"],
    [["HEAD", "GET"], "HEAD, GET, OPTIONS"],
    [["POST", "OPTIONS"], "POST, OPTIONS"],
    [[], "OPTIONS"],
  ])("names %j in Allow", async (methods, allow) => {
    const api = policy({ cors: { origins: ["https://app.example.com"] } });
    const response = await api(optionsHandler(methods))(request("OPTIONS"));
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(response.headers.get("allow")).toBe(allow);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each([[["GET", ""]], [["GET, POST"]], [["G\r\nET"]]])("refuses %j", (methods) => {
    expect(() => optionsHandler(methods)).toThrow(TypeError);
  });
});

test.each([
  [[], /is empty/],
  [["TRACE"], /may serve/],
  [["connect"], /may serve/],
  [["get"], /write "GET"/],
  [["Post"], /write "POST"/],
  [["G ET"], /may serve/],
  [[""], /may serve/],
  ["GET", /list of strings/],
  [[1], /list of strings/],
  [undefined, /is undefined/],
])("refuses methods: %j, in routes and requirements", (methods, message) => {
  expectMistake({ routes: { "/a": { methods } } }, 'routes["/a"].methods', message);
  const issues = issuesFrom(() => policy()(untypedRequirements({ methods }), ok));
  expect(issues.map(({ path }) => path)).toEqual(["requirements.methods"]);
  expect(issues[0]?.message).toMatch(message);
});
