import { describe, expect, test } from "vitest";
import type { Served } from "../support.ts";
import { expectPolicy, expectProblem, origin } from "./expectations.ts";

const preflight = { origin, "access-control-request-method": "DELETE" };

/** What handlers get, and which methods there are. */
export function requests(send: Served["send"]): void {
  describe("the handler's request", () => {
    const path = "/next/request/7/a/b%2Fc?q=1";
    const headers = { origin, cookie: "session=s", "x-field": "f", "content-type": "text/plain" };
    const facts = {
      isRequest: true,
      field: "f",
      query: "1",
      pathname: "/next/request/7/a/b%2Fc",
      cookie: "s",
      params: { id: "7", rest: ["a", expect.stringMatching(/^b(?:%2F|\/)c$/)] },
    };

    test("is the one of Next.js where there is no body", async () => {
      const response = await send(path, { headers });
      expectPolicy(response, 200);
      expect(await response.json()).toMatchObject({ ...facts, method: "GET", text: "" });
    });

    test("is the one of Next.js where its body has a length", async () => {
      const response = await send(path, { method: "POST", headers, body: "text" });
      expectPolicy(response, 200);
      expect(await response.json()).toMatchObject({ ...facts, method: "POST", text: "text" });
    });

    test.each([
      ["comes in chunks", "POST", () => new Blob(["text"]).stream()],
      ["is given as raw bytes too", "PUT", () => "text"],
    ])("is a NextRequest where its body %s", async (_, method, body) => {
      const init: RequestInit & { readonly duplex: "half" } = { method, headers, body: body(), duplex: "half" };
      const response = await send(path, init);
      expectPolicy(response, 200);
      expect(await response.json()).toEqual({ ...facts, isNextRequest: true, method, text: "text" });
    });
  });

  test("params are those of the path, or what a schema makes of them", async () => {
    const bodyOf = async (path: string): Promise<unknown> => (await send(path)).json();
    expect(await bodyOf("/next/optional")).toBe("none");
    expect(await bodyOf("/next/optional/a/b")).toEqual(["a", "b"]);
    expect(await bodyOf("/next/schema/41")).toBe(42);
    await expectProblem(await send("/next/schema/x", { headers: { origin } }), 400, "invalid_params");
  });

  describe("OPTIONS", () => {
    test("names the methods of the route, HEAD with GET", async () => {
      const response = await send("/next/optional", { method: "OPTIONS", headers: { origin } });
      expectPolicy(response, 204);
      expect(response.headers.get("allow")).toBe("GET, DELETE, HEAD, OPTIONS");
      const { headers } = await send("/next/head", { method: "OPTIONS" });
      expect(headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    });

    test("answers a preflight without asking for credentials or the policy's checks", async () => {
      const response = await send("/next/optional", {
        method: "OPTIONS",
        headers: { ...preflight, "x-check": "error" },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
      expect(response.headers.get("access-control-allow-methods")).toContain("DELETE");
      expect((await send("/api/notes/1", { method: "OPTIONS", headers: preflight })).status).toBe(204);
    });

    test("refuses a preflight of a foreign origin", async () => {
      const headers = { ...preflight, origin: "https://evil.example.net" };
      const response = await send("/next/optional", { method: "OPTIONS", headers });
      expect(response.status).toBe(403);
      expect(response.headers.has("access-control-allow-origin")).toBe(false);
    });

    test("asks for the policy's credentials where it is no preflight", async () => {
      const plain = { method: "OPTIONS", headers: { origin } };
      await expectProblem(await send("/api/notes/1", plain), 401, "credentials_required");
      const headers = { origin, authorization: "Bearer reader" };
      const response = await send("/api/notes/1", { method: "OPTIONS", headers });
      expectPolicy(response, 204);
      expect(response.headers.get("allow")).toBe("GET, PUT, DELETE, HEAD, OPTIONS");
    });
  });

  test("HEAD goes to its own handler where there is one, else to that of GET", async () => {
    const own = await send("/next/head", { method: "HEAD", headers: { origin } });
    expectPolicy(own, 200);
    expect([own.headers.get("x-total-count"), own.headers.get("x-method")]).toEqual(["7", "HEAD"]);
    const headers = { origin, authorization: "Bearer reader" };
    const byGet = await send("/api/notes/1", { method: "HEAD", headers });
    expectPolicy(byGet, 200);
    expect(await byGet.text()).toBe("");
  });
}
