import { NextRequest } from "next/server.js";
import { describe, expect, test } from "vitest";
import { type RouteExport, route } from "../../../adapters/next.ts";
import { policy } from "../../../src/index.ts";
import { expectProblem, issuesFrom, ok, silent, tokens } from "../../lib/harness.ts";

/** What `route()` does before and without Next.js: configuration, and exports that a user's test calls. */
const limit = { name: "a", limit: 1, windowSeconds: 60 };
const url = "https://app.example.com/notes/7";
const params = Promise.resolve({ id: "7" });

describe("route()", () => {
  test.each([
    ["the policy", () => route("/a", policy({ rateLimit: limit }), (handle) => ({ GET: handle(ok) }))],
    ["a handler", () => route("/a", policy(), (handle) => ({ GET: handle({ rateLimit: limit }, ok) }))],
    ["a policy without handlers", () => route("/a", policy({ rateLimit: limit }), () => ({}))],
  ])("refuses a limit by address of %s without clientIp, and names the choices", (_, construct) => {
    const [issue, ...more] = issuesFrom(construct);
    expect(more).toEqual([]);
    expect(issue?.path).toBe("clientIp");
    expect(issue?.message).toMatch(/header: "x-real-ip".*trustedHops: 1.*onUnknownAddress: "shared"/);
  });

  test.each([{ trustedHops: 1 }, { header: "x-real-ip" }, { onUnknownAddress: "refuse" }] as const)(
    "takes one with clientIp: %o",
    (clientIp) => {
      const { OPTIONS } = route("/a", policy({ rateLimit: limit, clientIp }), (handle) => ({ GET: handle(ok) }));
      expect(OPTIONS).toBeTypeOf("function");
    },
  );

  test("refuses requirements with mistakes", () => {
    const construct = (): unknown =>
      route("/a", policy({ auth: tokens }), (handle) => ({ GET: handle({ scopes: [] }, ok) }));
    expect(issuesFrom(construct).map(({ path }) => path)).toEqual(["requirements.scopes"]);
  });

  test("gives the methods that were defined, and OPTIONS", () => {
    const exports = route("/a", policy(), (handle) => ({ GET: handle(ok), DELETE: handle(ok) }));
    expect(Object.keys(exports)).toEqual(["GET", "DELETE", "OPTIONS"]);
  });

  test("never calls a handler that is not behind the policy", async () => {
    let isCalled = false;
    const bare = (): Response => {
      isCalled = true;
      return ok();
    };
    const untyped = route as unknown as (...given: readonly unknown[]) => { readonly GET: RouteExport<"/a"> };
    const { GET } = untyped("/a", policy(), () => ({ GET: bare })); // JavaScript callers have no types
    await expect(GET(new NextRequest(url), { params: Promise.resolve({}) })).rejects.toThrow(TypeError);
    expect(isCalled).toBe(false);
  });
});

describe("an export that a test calls, outside of Next.js", () => {
  const { GET, POST, OPTIONS } = route("/notes/[id]", policy({ onEvent: silent }), (handle) => ({
    GET: handle((_request, context) => Response.json(context.params)),
    POST: handle(async (request, context) => {
      context.waitUntil(Promise.resolve());
      return Response.json([request instanceof NextRequest, request.nextUrl.basePath, await request.text()]);
    }),
  }));

  test("answers under the policy, though the request has no fields", async () => {
    const response = await GET(new NextRequest(url), { params });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.json()).toEqual({ id: "7" });
  });

  test("keeps the URL's base path where it makes a new request, and needs no waitUntil() of the platform", async () => {
    const init = {
      method: "POST",
      body: "text",
      headers: { "content-length": "4" },
      nextConfig: { basePath: "/docs" },
    };
    const response = await POST(new NextRequest("https://app.example.com/docs/notes/7", init), { params });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([true, "/docs", "text"]);
  });

  test("names the methods", async () => {
    const response = await OPTIONS(new NextRequest(url, { method: "OPTIONS" }), { params });
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, POST, HEAD, OPTIONS"]);
  });

  test("hides what a handler throws", async () => {
    const { PUT } = route("/notes/[id]", policy({ onEvent: silent }), (handle) => ({
      PUT: handle(() => {
        throw new Error("password=hunter2");
      }),
    }));
    await expectProblem(await PUT(new NextRequest(url, { method: "PUT" }), { params }), 500, "internal_error");
  });
});

describe("a digest that is none of Next.js' own", () => {
  const thrown = (digest: unknown): RouteExport<"/a"> =>
    route("/a", policy({ onEvent: silent }), (handle) => ({
      GET: handle(() => {
        throw Object.assign(new Error("canary"), { digest });
      }),
    })).GET;

  test.each([
    ["UPSTREAM_FAILED"],
    ["ERR_X;foo"],
    ["NEXT_REDIRECT;replace;https://evil.example/;200;"],
    ["NEXT_REDIRECT;go;https://evil.example/;307;"],
    ["NEXT_HTTP_ERROR_FALLBACK;500"],
    ["NEXT_HTTP_ERROR_FALLBACK;200"],
    [["NEXT_REDIRECT"]],
    [4_294_967_295],
  ])("%j is an error like others", async (digest) => {
    const response = await thrown(digest)(new NextRequest("https://app.example.com/a"), {
      params: Promise.resolve({}),
    });
    await expectProblem(response, 500, "internal_error");
  });
});
