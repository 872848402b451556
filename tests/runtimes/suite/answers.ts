import { expect, test } from "vitest";
import type { Subject } from "../conformance.ts";
import { app } from "../origins.ts";
import { expectCounted, expectPolicy, expectProblem } from "./expectations.ts";

const fromApp = { headers: { Origin: app } };

/** Whatever a handler does, what leaves carries every field of the policy. */
export function answers({ send }: Subject): void {
  test("answers 200 with every field", async () => {
    const response = await send("/json", fromApp);
    expect(response.status).toBe(200);
    expectPolicy(response, app);
    expectCounted(response, "wide", 100_000, 60);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(response.headers.get("access-control-expose-headers")).toContain("X-Total-Count");
    expect(await response.json()).toEqual({ hello: "world" });
  });

  test("answers 204 without a body and with every field", async () => {
    const response = await send("/no-content", fromApp);
    expect(response.status).toBe(204);
    expectPolicy(response, app);
    expectCounted(response, "wide", 100_000, 60);
    expect(response.headers.has("content-type")).toBe(false);
    expect(await response.text()).toBe("");
  });

  test("answers 304 without forbidding the cache what it confirms", async () => {
    const response = await send("/not-modified", fromApp);
    expect(response.status).toBe(304);
    expectPolicy(response, app);
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    expect(response.headers.get("etag")).toBe('"1"');
    expect(await response.text()).toBe("");
  });

  test("leaves a text the type that the platform gives it", async () => {
    const response = await send("/text", fromApp);
    expectPolicy(response, app);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain;\s?charset=utf-8$/i);
    expect(await response.text()).toBe("plain");
  });

  test("makes a problem of a refusal that a handler returns", async () => {
    const response = await send("/refuses", fromApp);
    expectPolicy(response, app);
    await expectProblem(response, 404, "no_such_note");
  });

  test("hides what a handler threw behind a 500", async () => {
    const response = await send("/throws-error", fromApp);
    expectPolicy(response, app);
    expect(await response.clone().text()).not.toMatch(/hunter2|password|app\.ts/);
    await expectProblem(response, 500, "internal_error");
  });

  test("lets onError answer for an error, under the same fields", async () => {
    const response = await send("/overloaded", fromApp);
    expect(response.status).toBe(503);
    expectPolicy(response, app);
    expect(await response.json()).toEqual({ code: "overloaded" });
  });

  test("takes a thrown Response as the response", async () => {
    const response = await send("/throws-response", fromApp);
    expect(response.status).toBe(409);
    expectPolicy(response, app);
    expect(await response.json()).toEqual({ thrown: true });
  });

  test("answers HEAD with the fields of GET and no body", async () => {
    const response = await send("/json", { ...fromApp, method: "HEAD" });
    expect(response.status).toBe(200);
    expectPolicy(response, app);
    expectCounted(response, "wide", 100_000, 60);
    expect(await response.text()).toBe("");
  });

  test("answers HEAD with a refusal's status and fields and no body", async () => {
    const response = await send("/refuses", { ...fromApp, method: "HEAD" });
    expect(response.status).toBe(404);
    expectPolicy(response, app);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.text()).toBe("");
  });

  test("hands the body of a request on", async () => {
    const response = await send("/echo", { method: "POST", body: "what was sent" });
    expect(response.status).toBe(200);
    expectPolicy(response, undefined);
    expect(await response.text()).toBe("what was sent");
  });

  test("makes a new id for each request and does not take the client's", async () => {
    const headers = { "X-Request-ID": "chosen-by-a-stranger" };
    const responses = [await send("/who", { headers }), await send("/who", { headers })];
    const [first, second] = responses.map((response) => response.headers.get("x-request-id"));
    expect(first).not.toBe(second);
    for (const response of responses) {
      expectPolicy(response, undefined);
      expect(await response.json()).toMatchObject({ requestId: response.headers.get("x-request-id") });
    }
  });

  test("asks for credentials where the route does, in a way that the page can read", async () => {
    const response = await send("/private/me", fromApp);
    expectPolicy(response, app);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api"');
    await expectProblem(response, 401, "credentials_required");
  });

  test("refuses a bad credential with the authenticator's own refusal", async () => {
    const response = await send("/private/me", { headers: { Origin: app, Authorization: "Bearer mallory" } });
    expectPolicy(response, app);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
    await expectProblem(response, 401, "invalid_token");
  });

  test("hands a verified identity to the handler", async () => {
    const response = await send("/private/me", { headers: { Origin: app, Authorization: "Bearer alice" } });
    expect(response.status).toBe(200);
    expectPolicy(response, app);
    expect(await response.json()).toEqual({ subject: "alice" });
  });

  test("refuses a path whose other spelling is under another rule", async () => {
    const response = await send("/private%2Fme", fromApp);
    expectPolicy(response, app);
    await expectProblem(response, 400, "ambiguous_path");
  });
}
